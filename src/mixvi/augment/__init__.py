from mixvi.augment.protocol import Augmenter
from mixvi.augment.registry import get_augmenter
from mixvi.augment.split import CountSplit, GeneSplit, no_copies

__all__ = ["Augmenter", "CountSplit", "GeneSplit", "get_augmenter", "no_copies"]
