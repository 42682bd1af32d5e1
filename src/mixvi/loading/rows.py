"""Rows of a matrix of cells × genes, in memory or in a file."""

import h5py
import numpy as np
import zarr
from anndata.abc import CSCDataset, CSRDataset
from scipy import sparse

Matrix = np.ndarray | sparse.spmatrix | CSRDataset | h5py.Dataset | zarr.Array

ON_DISK = (CSRDataset, CSCDataset, h5py.Dataset, zarr.Array)
FEWEST = 64  # rows between two that are read together rather than one by one


def on_disk(matrix: object) -> bool:
    """Whether the values of a matrix are in a file and are read when they are asked for."""
    return isinstance(matrix, ON_DISK)


def take_rows(matrix: Matrix, index: np.ndarray) -> np.ndarray | sparse.spmatrix:
    """Rows at some positions, in their order.

    Of a file, rows that are near each other are read together, and those between them left out.

    Parameters
    ----------
    matrix
        Cells × genes.
    index
        Positions from 0, shape ``(rows,)``.

    Returns
    -------
    In memory, sparse if ``matrix`` is, shape ``(rows, genes)``.

    Examples
    --------
    >>> take_rows(np.array([[1], [2], [3]]), np.array([2, 0]))
    array([[3],
           [1]])
    """
    if len(index) and index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all():
        return matrix[int(index[0]) : int(index[-1]) + 1]
    if not on_disk(matrix):
        return matrix[index]
    rows, place = np.unique(index, return_inverse=True)
    parts = []
    for near in np.split(rows, np.flatnonzero(np.diff(rows) > max(FEWEST, _rows_of_chunk(matrix))) + 1):
        if len(near):
            first = int(near[0])
            parts.append(matrix[first : int(near[-1]) + 1][near - first])
    read = sparse.vstack(parts, format="csr") if sparse.issparse(parts[0]) else np.concatenate(parts)
    return read[place]


def _rows_of_chunk(matrix: Matrix) -> int:
    """Rows that a file gives and takes together, about."""
    if not isinstance(matrix, CSRDataset):
        return (matrix.chunks or (1,))[0]
    values = matrix.group["data"]
    return round((values.chunks or (0,))[0] * matrix.shape[0] / max(1, values.shape[0]))
