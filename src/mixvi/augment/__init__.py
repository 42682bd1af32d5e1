from mixvi.augment.protocol import Augmenter
from mixvi.augment.registry import get_augmenter
from mixvi.augment.split import CountSplit, GeneSplit, no_copies
from mixvi.augment.vaegan import VAEGAN

__all__ = ["VAEGAN", "Augmenter", "CountSplit", "GeneSplit", "get_augmenter", "no_copies"]
