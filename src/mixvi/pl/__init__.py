from mixvi.pl.augmentation import augmentation
from mixvi.pl.traversal import traversal
from mixvi.pl.types import types

__all__ = ["augmentation", "traversal", "types"]
