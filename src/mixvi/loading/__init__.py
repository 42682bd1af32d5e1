from mixvi.loading.batches import CellBatches, tensors_of
from mixvi.loading.opening import open_cells
from mixvi.loading.rows import RowReader, on_disk, values_on_disk
from mixvi.loading.splitter import CellSplitter, ShuffledCells

__all__ = [
    "CellBatches",
    "CellSplitter",
    "RowReader",
    "ShuffledCells",
    "on_disk",
    "open_cells",
    "tensors_of",
    "values_on_disk",
]
