"""Training batches of cells, in memory or in their file, dense or as they are stored."""

import warnings
from collections.abc import Iterator
from functools import cache

import numpy as np
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.dataloaders import DataSplitter
from torch import Tensor

from mixvi.loading.batches import DENSE, CellBatches, Cells, tensors_of
from mixvi.loading.rows import RowReader, on_disk
from mixvi.nn import SparseCells

BLOCK_CELLS = 64  # neighbours in the file that are read together
MIXED_CELLS = 16_384  # that are in memory together, from blocks all over the file


class ShuffledCells:
    """Batches of cells from a file, in a new random order at every pass.

    Blocks of neighbouring cells are drawn at random; the cells of 256 blocks are read, mixed and dealt into batches,
    then those of the next. A pass shows every cell once. The order follows from torch's generator.

    Parameters
    ----------
    manager
        scvi-tools' manager of the cells.
    index
        Positions of the cells, shape ``(cells,)``.
    batch_size
        Cells in a batch.
    drop_last
        Leave out the last batch if it is smaller.
    keep_sparse
        As in :class:`CellBatches`.

    Examples
    --------
    >>> for tensors in ShuffledCells(model.adata_manager, np.arange(1000), 128):  # doctest: +SKIP
    ...     model.module(tensors)
    """

    def __init__(
        self,
        manager: AnnDataManager,
        index: np.ndarray,
        batch_size: int = 128,
        drop_last: bool = False,
        keep_sparse: bool = False,
    ):
        self.stored = {key: manager.get_from_registry(key) for key in manager.data_registry}
        self.rows = RowReader(self.stored[REGISTRY_KEYS.X_KEY])
        self.index, self.batch_size, self.drop_last = np.sort(index), batch_size, drop_last
        self.keep_sparse = keep_sparse

    def __len__(self) -> int:
        """Number of batches in a pass."""
        n_full, rest = divmod(len(self.index), self.batch_size)
        return n_full + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Cells]:
        """Give the tensors of each batch of a pass."""
        rng = np.random.default_rng(int(torch.randint(2**31, ())))
        blocks = np.array_split(self.index, max(1, len(self.index) // BLOCK_CELLS))
        order, together = rng.permutation(len(blocks)), max(1, MIXED_CELLS // BLOCK_CELLS)
        left, x_left = self.index[:0], None
        for first in range(0, len(order), together):
            cells = np.concatenate([blocks[block] for block in np.sort(order[first : first + together])])
            cells = rng.permuted(cells)
            x = self.rows.take(cells)
            if len(left):
                cells, x = np.concatenate([left, cells]), _stacked(x_left, x)
            n_dealt = len(cells) // self.batch_size * self.batch_size
            for start in range(0, n_dealt, self.batch_size):
                some = slice(start, start + self.batch_size)
                yield tensors_of(self.stored, cells[some], x[some], self.keep_sparse)
            left, x_left = cells[n_dealt:], x[n_dealt:]
        if len(left) and not self.drop_last:
            yield tensors_of(self.stored, left, x_left, self.keep_sparse)


class CellSplitter(DataSplitter):
    """scvi-tools' splitter, for cells in memory and for cells in a file, of which a few are read at a time.

    Parameters
    ----------
    adata_manager, **kwargs
        As in :class:`scvi.dataloaders.DataSplitter`.
    keep_sparse
        Give cells as they are stored, :class:`~mixvi.nn.SparseCells`, if most values are zero.
    """

    def __init__(self, adata_manager: AnnDataManager, *, keep_sparse: bool = False, **kwargs):
        several = REGISTRY_KEYS.X_KEY not in adata_manager.data_registry  # modalities
        x = None if several else adata_manager.get_from_registry(REGISTRY_KEYS.X_KEY)
        self._in_file = on_disk(x)
        self.keep_sparse = keep_sparse and (self._in_file or _is_sparse(x))
        if self.keep_sparse and not self._in_file:
            kwargs["load_sparse_tensor"] = True
        if kwargs.get("load_sparse_tensor"):
            _warn_of_sparse_tensors()
        super().__init__(adata_manager, **kwargs)

    def train_dataloader(self):
        """Training cells, shuffled."""
        if not self._in_file:
            return super().train_dataloader()
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            raise NotImplementedError("Cells in a file are read for one device only: train with devices=1.")
        size = self.data_loader_kwargs.get("batch_size", 128)
        return ShuffledCells(self.adata_manager, self.train_idx, size, self.drop_last, self.keep_sparse)

    def val_dataloader(self):
        """Validation cells, in order; None if there are none."""
        if not self._in_file or not len(self.val_idx):
            return super().val_dataloader()
        size = self.data_loader_kwargs.get("batch_size", 128)
        return CellBatches(self.adata_manager, np.sort(self.val_idx), size, self.keep_sparse)

    def on_after_batch_transfer(self, batch: dict[str, Tensor], dataloader_idx: int) -> Cells:
        """Cells as the module takes them: sparse, or with their zeros."""
        if not self.keep_sparse or self._in_file:
            return super().on_after_batch_transfer(batch, dataloader_idx)
        return batch | {REGISTRY_KEYS.X_KEY: SparseCells.from_tensor(batch[REGISTRY_KEYS.X_KEY])}


def _is_sparse(x: np.ndarray | sparse.spmatrix | None) -> bool:
    """Whether values in memory are in compressed rows, each place once, and most of them zero."""
    if not isinstance(x, sparse.csr_matrix) or x.nnz >= DENSE * np.prod(x.shape):
        return False
    return x.has_canonical_format


@cache
def _warn_of_sparse_tensors() -> None:
    """Let PyTorch warn of its sparse tensors where nobody sees it: it does so once, and is right about other uses."""
    with warnings.catch_warnings(action="ignore"):
        torch.sparse_csr_tensor([0, 1], [0], [1.0], (1, 1))


def _stacked(above: np.ndarray | sparse.spmatrix, below: np.ndarray | sparse.spmatrix):
    return sparse.vstack([above, below], format="csr") if sparse.issparse(below) else np.concatenate([above, below])
