from mixvi.pl.augmentation import augmentation
from mixvi.pl.taxonomy import confusion, hierarchy_accuracy, silhouettes
from mixvi.pl.traversal import traversal
from mixvi.pl.types import types

__all__ = ["augmentation", "confusion", "hierarchy_accuracy", "silhouettes", "traversal", "types"]
