"""Making cells fit a model that exists."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS

from mixvi.model.checks import check_likelihood, check_setup, summarise


def match_cells(adata: AnnData, genes: np.ndarray, registry: dict, likelihood: str) -> AnnData:
    """Cells with what a model needs and nothing else, its genes in its order; ``adata`` itself is not changed.

    Parameters
    ----------
    adata
        Cells, seen in training or not; may be backed.
    genes
        The model's genes, matched by name.
    registry
        The model's registry: where expression, batch and covariates are, and the values that these had.
    likelihood
        The model's likelihood.

    Returns
    -------
    New cells; expression values are shared with ``adata`` where its genes are the model's.

    Raises
    ------
    TypeError, KeyError, ValueError
        If genes, columns or layers are missing, a batch was not seen in training, or values do not fit.
    """
    setup = registry["setup_args"]
    check_setup(adata, new_cells=True, **setup)
    missing = [gene for gene in genes if gene not in adata.var_names]
    if missing:
        raise ValueError(
            f"{len(missing)} of the model's {len(genes)} genes are missing from adata: {_some(missing)}. "
            "Genes are matched by name in adata.var_names; the model needs all of them."
        )
    _check_levels(adata, registry)
    if not np.array_equal(adata.var_names, genes):
        adata = adata[:, genes]
    if adata.isbacked:
        adata = adata.to_memory()
    layer = setup["layer"]
    matrix = adata.layers[layer] if layer else adata.X
    columns = [setup["batch_key"], *(setup["categorical_covariate_keys"] or ())]
    columns += setup["continuous_covariate_keys"] or ()
    cells = AnnData(
        X=None if layer else matrix,
        obs=adata.obs[[column for column in columns if column]].copy(),
        var=pd.DataFrame(index=pd.Index(genes)),
        layers={layer: matrix} if layer else None,
    )
    check_likelihood(likelihood, summarise(cells, layer, allow_empty_genes=True))
    return cells


def check_genes(adata: AnnData, registry: dict) -> None:
    """Refuse to set cells up for a model whose genes they do not have, in its order.

    Parameters
    ----------
    adata
        Cells.
    registry
        The model's registry.

    Raises
    ------
    ValueError
        If the genes differ, or their order.
    """
    genes = registry["field_registries"][REGISTRY_KEYS.X_KEY]["state_registry"]["column_names"]
    if not np.array_equal(adata.var_names, genes):
        raise ValueError(
            "The genes of adata are not those of the model, in its order. Load the model with adata=False and pass "
            "adata to get_cell_types() and the other verbs, which match genes by name."
        )


def positions_of_genes(names: Sequence[str] | None, genes: np.ndarray) -> np.ndarray:
    """Where genes are among those of a model.

    Parameters
    ----------
    names
        Names of genes; all genes of the model if None.
    genes
        The model's genes.

    Returns
    -------
    Positions, in the order of ``names``.

    Raises
    ------
    KeyError
        If the model does not have a gene.

    Examples
    --------
    >>> positions_of_genes(["c", "a"], np.array(["a", "b", "c"]))
    array([2, 0])
    """
    if names is None:
        return np.arange(len(genes))
    names = [names] if isinstance(names, str) else list(names)
    positions = pd.Index(genes).get_indexer(names)
    if (positions < 0).any():
        missing = [name for name, position in zip(names, positions, strict=True) if position < 0]
        raise KeyError(f"The model does not have {_some(missing)}: it knows the {len(genes)} genes it was trained on.")
    return positions


def batch_code(registry: dict, batch: str | None) -> int | None:
    """The number that a model gave to a batch.

    Parameters
    ----------
    registry
        The model's registry.
    batch
        Name of the batch, or None.

    Returns
    -------
    The number; None for None.

    Raises
    ------
    ValueError
        If the model has not seen the batch.
    """
    if batch is None:
        return None
    known = list(registry["field_registries"][REGISTRY_KEYS.BATCH_KEY]["state_registry"]["categorical_mapping"])
    if batch not in known:
        raise ValueError(f"The model has not seen a batch {batch!r}. It knows {_some(known)}.")
    return known.index(batch)


def _check_levels(adata: AnnData, registry: dict) -> None:
    """Refuse batches and categorical covariates that the model has not seen."""
    fields, setup = registry["field_registries"], registry["setup_args"]
    known = {}
    if setup["batch_key"]:
        known[setup["batch_key"]] = fields[REGISTRY_KEYS.BATCH_KEY]["state_registry"]["categorical_mapping"]
    if setup["categorical_covariate_keys"]:
        known |= fields[REGISTRY_KEYS.CAT_COVS_KEY]["state_registry"]["mappings"]
    for column, levels in known.items():
        new = sorted(set(adata.obs[column].astype(str)) - set(map(str, levels)))
        if new:
            raise ValueError(
                f"adata.obs[{column!r}] has {_some(new)}, which the model has not seen. It knows {_some(list(levels))}."
            )


def _some(names: list) -> str:
    return ", ".join(map(str, names[:5])) + (", …" if len(names) > 5 else "")
