"""Training batches of cells that stay in their file."""

from collections.abc import Iterator

import numpy as np
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.dataloaders import DataSplitter

from mixvi.loading.batches import CellBatches, Cells, tensors_of
from mixvi.loading.rows import RowReader, on_disk

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

    Examples
    --------
    >>> for tensors in ShuffledCells(model.adata_manager, np.arange(1000), 128):  # doctest: +SKIP
    ...     model.module(tensors)
    """

    def __init__(self, manager: AnnDataManager, index: np.ndarray, batch_size: int = 128, drop_last: bool = False):
        self.stored = {key: manager.get_from_registry(key) for key in manager.data_registry}
        self.rows = RowReader(self.stored[REGISTRY_KEYS.X_KEY])
        self.index, self.batch_size, self.drop_last = np.sort(index), batch_size, drop_last

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
                yield tensors_of(self.stored, cells[some], x[some])
            left, x_left = cells[n_dealt:], x[n_dealt:]
        if len(left) and not self.drop_last:
            yield tensors_of(self.stored, left, x_left)


class CellSplitter(DataSplitter):
    """scvi-tools' splitter, for cells in memory and for cells in a file, of which a few are read at a time.

    Parameters
    ----------
    adata_manager, **kwargs
        As in :class:`scvi.dataloaders.DataSplitter`.
    """

    def train_dataloader(self):
        """Training cells, shuffled."""
        if not self._in_file:
            return super().train_dataloader()
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            raise NotImplementedError("Cells in a file are read for one device only: train with devices=1.")
        size = self.data_loader_kwargs.get("batch_size", 128)
        return ShuffledCells(self.adata_manager, self.train_idx, size, self.drop_last)

    def val_dataloader(self):
        """Validation cells, in order; None if there are none."""
        if not self._in_file or not len(self.val_idx):
            return super().val_dataloader()
        return CellBatches(self.adata_manager, np.sort(self.val_idx), self.data_loader_kwargs.get("batch_size", 128))

    @property
    def _in_file(self) -> bool:
        registered = self.adata_manager.data_registry
        if REGISTRY_KEYS.X_KEY not in registered:  # cells with several modalities
            return False
        return on_disk(self.adata_manager.get_from_registry(REGISTRY_KEYS.X_KEY))


def _stacked(above: np.ndarray | sparse.spmatrix, below: np.ndarray | sparse.spmatrix):
    return sparse.vstack([above, below], format="csr") if sparse.issparse(below) else np.concatenate([above, below])
