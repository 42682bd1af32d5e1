from mixvi.pl.augmentation import augmentation
from mixvi.pl.types import types

__all__ = ["augmentation", "types"]
