"""Cells in batches, one after the other, as the modules take them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from torch import Tensor

from mixvi.loading.rows import RowReader, on_disk
from mixvi.nn import SparseCells

READ_CELLS = 8192  # that are read from a file at a time, about
DENSE = 0.25  # share of non-zeros from which on sparse cells are no faster

Cells = dict[str, Tensor | SparseCells]


class CellBatches:
    """Batches of a model's cells, in order; of a file no more is in memory than a few batches.

    Parameters
    ----------
    manager
        scvi-tools' manager of the cells.
    index
        Positions of the cells, shape ``(cells,)``; all if None.
    batch_size
        Cells in a batch.
    keep_sparse
        Give cells as they are stored, non-zeros alone, if most values are zero.

    Examples
    --------
    >>> for tensors in CellBatches(model.adata_manager):  # doctest: +SKIP
    ...     model.module.encode_cells(**model.module._get_inference_input(tensors))
    """

    def __init__(
        self,
        manager: AnnDataManager,
        index: np.ndarray | None = None,
        batch_size: int = 1024,
        keep_sparse: bool = False,
    ):
        self.stored = {key: manager.get_from_registry(key) for key in manager.data_registry}
        self.index = np.arange(manager.adata.n_obs) if index is None else index
        self.batch_size, self.keep_sparse = batch_size, keep_sparse

    def __len__(self) -> int:
        """Number of batches."""
        return -(-len(self.index) // self.batch_size)

    def __iter__(self) -> Iterator[Cells]:
        """Give the tensors of each batch, by their names in the registry."""
        matrix = self.stored[REGISTRY_KEYS.X_KEY]
        rows = RowReader(matrix)
        together = max(1, READ_CELLS // self.batch_size) if on_disk(matrix) else 1
        at_a_time = together * self.batch_size
        for first in range(0, len(self.index), at_a_time):
            cells = self.index[first : first + at_a_time]
            read = rows.take(cells)
            for start in range(0, len(cells), self.batch_size):
                some = slice(start, start + self.batch_size)
                x = read if together == 1 else read[some]
                yield tensors_of(self.stored, cells[some], x, self.keep_sparse)


def tensors_of(stored: dict, index: np.ndarray, x: np.ndarray | sparse.spmatrix, keep_sparse: bool = False) -> Cells:
    """The tensors of some cells.

    Parameters
    ----------
    stored
        What is registered of all cells, by name.
    index
        Positions of the cells.
    x
        Their values, which have been read, shape ``(cells, genes)``.
    keep_sparse
        As in :class:`CellBatches`.

    Returns
    -------
    By name, rows of shape ``(cells, …)``.
    """
    tensors = {key: _rows(values, index) for key, values in stored.items() if key != REGISTRY_KEYS.X_KEY}
    return tensors | {REGISTRY_KEYS.X_KEY: _values(x, keep_sparse)}


def _values(x: np.ndarray | sparse.spmatrix, keep_sparse: bool) -> Tensor | SparseCells:
    if not sparse.issparse(x):
        return torch.as_tensor(np.asarray(x, dtype=np.float32))
    if keep_sparse and x.nnz < DENSE * np.prod(x.shape):
        return SparseCells.from_csr(x.tocsr())
    return torch.from_numpy(x.astype(np.float32, copy=False).toarray())


def _rows(values: np.ndarray | pd.DataFrame, index: np.ndarray) -> Tensor:
    """Rows of codes or covariates: whole numbers for what is discrete, else single precision."""
    rows = np.asarray(values.iloc[index] if isinstance(values, pd.DataFrame) else values[index])
    return torch.as_tensor(rows.astype(np.float32 if rows.dtype.kind == "f" else np.int64, copy=False))
