"""Which genes a model is given."""

import numpy as np
import scanpy as sc
from anndata import AnnData

from mixvi.arguments import check_layer
from mixvi.images import shape_of_images
from mixvi.model.checks import summarise

MANY_GENES = 4000
VARIABLE_GENES = 2000


def expressed_genes(adata: AnnData, layer: str | None = None) -> AnnData:
    """A copy without genes that no cell expresses; images keep all pixels.

    Parameters
    ----------
    adata
        Cells.
    layer
        Layer with the expression values; ``.X`` if None.

    Returns
    -------
    The copy.
    """
    if shape_of_images(adata):
        return adata.copy()
    matrix = adata.X if layer is None else adata.layers[layer]
    return adata[:, np.asarray((matrix != 0).sum(0)).ravel() > 0].copy()


def informative_genes(adata: AnnData, layer: str | None = None) -> AnnData:
    """A copy without empty genes; of more than 4,000 genes, the 2,000 most variable. Images keep all pixels.

    Of counts, those with the largest variance of their Pearson residuals; of other values, those that are most
    dispersed.

    Parameters
    ----------
    adata
        Cells.
    layer
        Layer with counts or log-normalised values; ``.X`` if None.

    Returns
    -------
    The copy.

    Raises
    ------
    KeyError
        If there is no such layer.
    TypeError, ValueError
        If the values cannot be used; the message says what to do.

    Examples
    --------
    >>> from mixvi.datasets import simulate_types_and_states
    >>> informative_genes(simulate_types_and_states([30, 20], n_genes=4100)).n_vars
    2000
    """
    check_layer(adata, layer)
    summary = summarise(adata, layer, allow_empty_genes=True)
    cells = expressed_genes(adata, layer)
    if cells.n_vars <= MANY_GENES or shape_of_images(cells):
        return cells
    if summary.integers:
        sc.experimental.pp.highly_variable_genes(cells, layer=layer, n_top_genes=VARIABLE_GENES)
    else:
        sc.pp.highly_variable_genes(cells, layer=layer, n_top_genes=VARIABLE_GENES)
    return cells[:, cells.var["highly_variable"]].copy()
