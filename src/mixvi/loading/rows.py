"""Rows of a matrix of cells × genes, in memory or in a file."""

from typing import TypeAlias

import h5py
import numpy as np
import zarr
from anndata import AnnData
from anndata.abc import CSCDataset, CSRDataset
from scipy import sparse

Matrix: TypeAlias = np.ndarray | sparse.spmatrix | CSRDataset | h5py.Dataset | zarr.Array

ON_DISK = (CSRDataset, CSCDataset, h5py.Dataset, zarr.Array)
NEAR = 32  # rows that are read as fast as a new place in the file is found
MOST = 8192  # rows that are read together to take some of them


def on_disk(matrix: object) -> bool:
    """Whether the values of a matrix are in a file and are read when they are asked for."""
    return isinstance(matrix, ON_DISK)


def values_on_disk(adata: AnnData, layer: str | None = None) -> bool:
    """Whether the values of cells, or of the cells that they are a view of, are in a file; none are read.

    Parameters
    ----------
    adata
        The cells.
    layer
        Layer with the values; None for ``adata.X``.

    Returns
    -------
    True for what :func:`mixvi.open_cells` and AnnData's backed mode give.
    """
    whole = adata._adata_ref if adata.is_view else adata
    return on_disk(whole.X if layer is None else whole.layers.get(layer))


class RowReader:
    """Takes rows of a matrix; of a file those that are near each other are read together.

    Parameters
    ----------
    matrix
        Cells × genes: an array, a sparse matrix, or one in a file, as :func:`mixvi.open_cells` and AnnData's backed
        mode give it. A sparse one in a file is in compressed rows, not columns.

    Examples
    --------
    >>> RowReader(np.array([[1], [2], [3]])).take(np.array([2, 0]))
    array([[3],
           [1]])
    """

    def __init__(self, matrix: Matrix):
        self.matrix = matrix
        self.n_genes, self.near = matrix.shape[1], NEAR
        if isinstance(matrix, CSRDataset):
            self.values, self.columns = matrix.group["data"], matrix.group["indices"]
            self.starts = matrix.group["indptr"][:]  # of the rows
            values_in_row = max(1, self.values.shape[0] / max(1, matrix.shape[0]))
            self.near = max(NEAR, round((self.values.chunks or (0,))[0] / values_in_row))
        elif on_disk(matrix):
            self.near = max(NEAR, (matrix.chunks or (0,))[0])

    def take(self, index: np.ndarray) -> np.ndarray | sparse.spmatrix:
        """Rows at some positions, in their order: in memory, sparse if the matrix is, shape ``(rows, genes)``."""
        if not len(index):
            return sparse.csr_matrix((0, self.n_genes), dtype=np.float32)
        first, last = int(index[0]), int(index[-1])
        if last - first == len(index) - 1 and (np.diff(index) == 1).all():
            return self._stretch(first, last + 1)
        if not on_disk(self.matrix):
            return self.matrix[index]
        rows, place = np.unique(index, return_inverse=True)
        parts = []
        apart = (np.diff(rows) > self.near) | (np.diff(rows // MOST) > 0)
        for near in np.split(rows, np.flatnonzero(apart) + 1):
            read = self._stretch(int(near[0]), int(near[-1]) + 1)
            parts.append(read if len(near) == read.shape[0] else read[near - near[0]])
        return (sparse.vstack(parts, format="csr") if sparse.issparse(parts[0]) else np.concatenate(parts))[place]

    def _stretch(self, first: int, end: int) -> np.ndarray | sparse.spmatrix:
        """All rows from ``first`` to before ``end``."""
        if not isinstance(self.matrix, CSRDataset):
            return self.matrix[first:end]
        starts = self.starts[first : end + 1]
        values = slice(int(starts[0]), int(starts[-1]))
        read = self.values[values], self.columns[values], starts - starts[0]
        return sparse.csr_matrix(read, (end - first, self.n_genes))
