from mixvi.loading.batches import CellBatches, tensors_of
from mixvi.loading.rows import on_disk, take_rows

__all__ = ["CellBatches", "on_disk", "take_rows", "tensors_of"]
