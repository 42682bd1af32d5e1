"""Making cells fit a model that exists."""

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi import REGISTRY_KEYS

from mixvi.model.checks import check_likelihood, check_setup, summarise
from mixvi.model.imputing import check_missing, impute, some
from mixvi.nn import ExpressionProjection

MEASURED = "measured"  # column of matched cells' .var: whether a gene was, or is imputed


def match_cells(
    adata: AnnData,
    genes: np.ndarray,
    registry: dict,
    likelihood: str,
    projection: ExpressionProjection | None = None,
) -> AnnData:
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
    projection
        What missing genes are imputed for; if None, all genes are needed.

    Returns
    -------
    New cells; expression values are shared with ``adata`` where its genes are the model's. Levels of batch and
    categorical covariates that were not seen in training are all one level, which sorts after those that were;
    ``.var["measured"]`` tells which genes are not imputed.

    Raises
    ------
    TypeError, KeyError, ValueError
        If genes, columns or layers are missing, or values do not fit.
    """
    setup = registry["setup_args"]
    check_setup(adata, new_cells=True, **setup)
    present = pd.Index(genes).isin(adata.var_names)
    check_missing(genes, present, projection)
    obs = _with_known_levels(adata, registry)
    if not np.array_equal(adata.var_names, genes):
        adata = adata[:, genes[present]]
    if adata.isbacked:
        adata = adata.to_memory()
    layer = setup["layer"]
    cells = _bare(adata.layers[layer] if layer else adata.X, obs, genes[present], layer)
    check_likelihood(likelihood, summarise(cells, layer, allow_empty_genes=True))
    if not present.all():
        cells = _bare(impute(cells.layers[layer] if layer else cells.X, present, projection), obs, genes, layer)
    cells.var[MEASURED] = present
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
    ValueError
        If no gene is named.

    Examples
    --------
    >>> positions_of_genes(["c", "a"], np.array(["a", "b", "c"]))
    array([2, 0])
    """
    if names is None:
        return np.arange(len(genes))
    names = [names] if isinstance(names, str) or not hasattr(names, "__iter__") else list(names)
    if not names:
        raise ValueError("No gene is named; leave the argument out for all genes.")
    positions = pd.Index(genes).get_indexer(names)
    if (positions < 0).any():
        missing = [name for name, position in zip(names, positions, strict=True) if position < 0]
        raise KeyError(f"The model does not have {some(missing)}: it knows the {len(genes)} genes it was trained on.")
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
        raise ValueError(f"The model has not seen a batch {batch!r}. It knows {some(known)}.")
    return known.index(batch)


def known_levels(registry: dict) -> dict[str, np.ndarray]:
    """Levels of batch and categorical covariates that a model was trained with.

    Parameters
    ----------
    registry
        The model's registry.

    Returns
    -------
    By column of ``.obs``.
    """
    fields, setup = registry["field_registries"], registry["setup_args"]
    known = {}
    if setup["batch_key"]:
        known[setup["batch_key"]] = fields[REGISTRY_KEYS.BATCH_KEY]["state_registry"]["categorical_mapping"]
    if setup["categorical_covariate_keys"]:
        known |= fields[REGISTRY_KEYS.CAT_COVS_KEY]["state_registry"]["mappings"]
    return {column: np.asarray(levels) for column, levels in known.items()}


def _with_known_levels(adata: AnnData, registry: dict) -> pd.DataFrame:
    """Batch and covariates of the cells, levels matched by name; all that are unknown become one, with a warning."""
    known, setup = known_levels(registry), registry["setup_args"]
    obs = adata.obs[[*known, *(setup["continuous_covariate_keys"] or ())]].copy()
    for column, levels in known.items():
        by_name, names = {str(level): level for level in levels}, obs[column].astype(str)
        unknown = sorted(set(names) - set(by_name))
        if unknown:
            warnings.warn(
                f"adata.obs[{column!r}] has {some(unknown)}, which the model has not seen (it knows "
                f"{some(list(by_name))}). Such cells are taken as those of an average {column}.",
                UserWarning,
                stacklevel=2,
            )
        obs[column] = [by_name.get(name, _after(levels)) for name in names]
    return obs


def _after(levels: np.ndarray) -> object:
    """A level that sorts after all others."""
    return levels.max() + 1 if levels.dtype.kind in "iuf" else f"{max(levels)}+"


def _bare(matrix: object, obs: pd.DataFrame, genes: np.ndarray, layer: str | None) -> AnnData:
    """An AnnData of these and nothing else."""
    return AnnData(
        X=None if layer else matrix,
        obs=obs,
        var=pd.DataFrame(index=pd.Index(genes)),
        layers={layer: matrix} if layer else None,
    )
