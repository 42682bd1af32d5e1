"""Checks of the user's data, made before any long work, each with one message that says what to do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData
from anndata.abc import CSCDataset
from scipy import sparse

from mixvi.arguments import check_anndata, check_layer, check_names
from mixvi.nn import HEADS

ROWS = 8192  # cells looked at together
MIN_CELLS = 10
LARGEST_EXACT = 2**24  # the largest count that single precision holds exactly
LARGEST = 1e15  # its square is still far from overflow


@dataclass
class DataSummary:
    """What one pass over the expression matrix tells."""

    integers: bool
    minimum: float
    maximum: float


def check_setup(
    adata: AnnData,
    layer: str | None,
    batch_key: str | None,
    categorical_covariate_keys: list[str] | None,
    continuous_covariate_keys: list[str] | None,
    new_cells: bool = False,
) -> None:
    """Raise an error that says what to do if ``adata`` cannot be modelled; change nothing.

    Looks at names and columns; :func:`summarise` looks at the values.

    Parameters
    ----------
    adata, layer, batch_key, categorical_covariate_keys, continuous_covariate_keys
        As in :meth:`mixvi.CplMixVI.setup_anndata`.
    new_cells
        Whether they are cells for a model that exists: these may be few.

    Raises
    ------
    TypeError
        If ``adata`` is no AnnData, or keys are not names or lists of names.
    KeyError
        If a layer or a column of ``adata.obs`` does not exist.
    ValueError
        If names are duplicated, there are too few cells or genes, or values of a column are missing.
    """
    check_anndata(adata)
    check_names(layer=layer, batch_key=batch_key)
    check_layer(adata, layer)
    _check_columns(adata, "batch_key", [batch_key] if batch_key else [], numeric=False)
    _check_columns(adata, "categorical_covariate_keys", categorical_covariate_keys or [], numeric=False)
    _check_columns(adata, "continuous_covariate_keys", continuous_covariate_keys or [], numeric=True)
    n_batches = adata.obs[batch_key].nunique() if batch_key else 1
    if not new_cells and n_batches > max(1, adata.n_obs // 2):
        raise ValueError(
            f"batch_key: adata.obs[{batch_key!r}] names {n_batches} batches of {adata.n_obs} cells. Name a column with "
            "several cells in each batch, such as the donor."
        )
    if not adata.obs_names.is_unique:
        raise ValueError("adata has cells with the same name. Call adata.obs_names_make_unique() first.")
    if not adata.var_names.is_unique:
        raise ValueError("adata has genes with the same name. Call adata.var_names_make_unique() first.")
    if adata.n_obs == 0:
        raise ValueError("adata has no cells.")
    if not new_cells and (adata.n_obs < MIN_CELLS or adata.n_vars < 2):
        raise ValueError(
            f"adata has {adata.n_obs} cells and {adata.n_vars} genes; "
            f"at least {MIN_CELLS} cells and 2 genes are needed."
        )


def summarise(adata: AnnData, layer: str | None, allow_empty_genes: bool = False) -> DataSummary:
    """Look at every value of the expression matrix once, in chunks of cells.

    Parameters
    ----------
    adata
        The cells; may be backed.
    layer
        Layer with the expression values; None for ``adata.X``.
    allow_empty_genes
        Accept genes without any value, as in a few new cells.

    Returns
    -------
    The summary.

    Raises
    ------
    TypeError
        If the matrix is missing, is not numeric, or is a sparse array.
    ValueError
        If values are missing, infinite or too large, or a cell or gene is empty.
    """
    matrix = adata.X if layer is None else adata.layers[layer]
    name = "adata.X" if layer is None else f"adata.layers[{layer!r}]"
    _check_kind(matrix, name)
    n_cells, n_genes = adata.shape
    cell_used, gene_used = np.zeros(n_cells, bool), np.zeros(n_genes, bool)
    integers, minimum, maximum = True, np.inf, -np.inf
    for first in range(0, n_cells, ROWS):
        chunk = matrix[first : first + ROWS]
        values = chunk.data if sparse.issparse(chunk) else np.asarray(chunk)
        if values.size:
            low, high = values.min(), values.max()  # NaN if any value is
            if not (np.isfinite(low) and np.isfinite(high)):
                raise ValueError(f"{name} has NaN or infinite values. Replace them, or remove those cells and genes.")
            minimum, maximum = min(minimum, low), max(maximum, high)
        if values.size < np.prod(chunk.shape):
            minimum, maximum = min(minimum, 0), max(maximum, 0)
        integers = integers and bool((values == np.rint(values)).all())
        cell_used[first : first + ROWS], genes = _used(chunk)
        gene_used |= genes
    if integers and minimum >= 0 and maximum > LARGEST_EXACT:
        raise ValueError(f"{name} has counts up to {maximum:.3g}, more than single precision holds exactly (2^24).")
    if max(maximum, -minimum) > LARGEST:
        raise ValueError(f"{name} has values up to {max(maximum, -minimum):.3g}, too large for single precision.")
    if not cell_used.all():
        raise ValueError(
            f"{(~cell_used).sum()} of {n_cells} cells have no expression at all in {name}. "
            "Remove them first: sc.pp.filter_cells(adata, min_counts=1)."
        )
    if not allow_empty_genes and not gene_used.all():
        raise ValueError(
            f"{(~gene_used).sum()} of {n_genes} genes are not expressed in any cell of {name}. "
            "Remove them first: sc.pp.filter_genes(adata, min_cells=1)."
        )
    return DataSummary(integers, float(minimum), float(maximum))


def _used(chunk: np.ndarray | sparse.spmatrix) -> tuple[np.ndarray, np.ndarray]:
    """Which cells and which genes have any value but zero."""
    if sparse.issparse(chunk) and chunk.format == "csr" and (chunk.data != 0).all():
        genes = np.zeros(chunk.shape[1], bool)
        genes[chunk.indices] = True
        return np.diff(chunk.indptr) > 0, genes
    used = chunk != 0
    return np.asarray(used.sum(1)).ravel() > 0, np.asarray(used.sum(0)).ravel() > 0


def check_likelihood(likelihood: str, data: DataSummary) -> None:
    """Raise an error if the likelihood does not fit the values.

    Parameters
    ----------
    likelihood
        Name of the likelihood.
    data
        What the values are.

    Raises
    ------
    ValueError
        If a likelihood for counts meets values that are not counts, or ``"bernoulli"`` values outside [0, 1].
    """
    if likelihood == "bernoulli" and (data.minimum < 0 or data.maximum > 1):
        raise ValueError(
            f"likelihood='bernoulli' needs values in [0, 1], not from {data.minimum:.3g} to {data.maximum:.3g}. "
            "Scale the pixels, as mixvi.images.to_anndata(images, scale=...) does, or use likelihood='normal'."
        )
    if not HEADS[likelihood].counts:
        return
    if data.minimum < 0:
        raise ValueError(
            f"likelihood={likelihood!r} needs counts, but the smallest value is {data.minimum:.3g}. "
            "Name the layer with raw counts in setup_anndata(layer=...)."
        )
    if not data.integers:
        raise ValueError(
            f"likelihood={likelihood!r} needs counts, but there are values that are not whole numbers. Name the layer "
            "with raw counts in setup_anndata(layer=...), or use likelihood='normal' for log-normalised values."
        )


def _check_kind(matrix: object, name: str) -> None:
    if matrix is None:
        raise TypeError(f"{name} is empty. Name the layer with the expression values in setup_anndata(layer=...).")
    if isinstance(matrix, CSCDataset):
        raise TypeError(
            f"{name} is stored in compressed columns, from which cells cannot be read one by one. Write the file with "
            f"compressed rows: {name} = scipy.sparse.csr_matrix(...)."
        )
    if isinstance(matrix, sparse.sparray):
        raise TypeError(
            f"{name} is a {type(matrix).__name__}, which scvi-tools does not read. "
            f"Convert it first: {name} = scipy.sparse.csr_matrix({name})."
        )
    if isinstance(matrix, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array. Convert it first: {name} = {name}.filled(0).")
    if type(matrix).__module__.startswith("dask"):
        raise TypeError(f"{name} is a dask array. Read it into memory first: adata = adata.to_memory().")
    if isinstance(matrix, np.matrix):
        raise TypeError(f"{name} is a numpy.matrix. Convert it first: {name} = numpy.asarray({name}).")
    dtype = getattr(matrix, "dtype", None)
    if dtype is None or dtype.kind not in "iuf":
        raise TypeError(f"{name} has values of type {dtype}, not numbers. Convert them first, for example to float32.")


def _check_columns(adata: AnnData, argument: str, keys: list[str], numeric: bool) -> None:
    if not isinstance(keys, list):
        raise TypeError(f"{argument} must be a list of names such as ['donor'], not {type(keys).__name__}.")
    if len({str(key) for key in keys}) < len(keys):
        raise ValueError(f"{argument}={keys} names a column twice.")
    for key in keys:
        check_names(**{argument: key})
        if key not in adata.obs:
            raise KeyError(f"{argument}: {key!r} is not a column of adata.obs, which has {_listed(adata.obs)}.")
        column = adata.obs[key]
        if isinstance(column, pd.DataFrame):
            raise ValueError(f"{argument}: adata.obs has several columns {key!r}. Keep one of them.")
        if column.isna().any():
            raise ValueError(f"{argument}: adata.obs[{key!r}] has missing values. Fill them, or remove those cells.")
        if numeric and not (pd.api.types.is_numeric_dtype(column) and np.isfinite(column).all()):
            raise ValueError(f"{argument}: adata.obs[{key!r}] must hold finite numbers.")
        if not numeric and len({issubclass(kind, str) for kind in column.map(type).unique()}) > 1:
            raise ValueError(
                f"{argument}: adata.obs[{key!r}] mixes text and numbers. Convert it first: "
                f"adata.obs[{key!r}] = adata.obs[{key!r}].astype(str)."
            )


def _listed(names: object) -> str:
    return ", ".join(repr(str(name)) for name in names) or "none"
