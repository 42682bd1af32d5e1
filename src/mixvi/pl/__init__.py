from mixvi.pl.augmentation import augmentation
from mixvi.pl.images import image_grid, image_traversal
from mixvi.pl.types import types

__all__ = ["augmentation", "image_grid", "image_traversal", "types"]
