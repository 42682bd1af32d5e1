from mixvi.augment.affine import MOVES, Affine, affine_map, centre_of_mass
from mixvi.augment.compose import Compose, affine_part
from mixvi.augment.neighbours import Neighbours, mix_counts
from mixvi.augment.protocol import Augmenter
from mixvi.augment.registry import augmenter_names, get_augmenter
from mixvi.augment.split import CountSplit, GeneSplit, deal, no_copies
from mixvi.augment.vaegan import VAEGAN

__all__ = [
    "MOVES",
    "VAEGAN",
    "Affine",
    "Augmenter",
    "Compose",
    "CountSplit",
    "GeneSplit",
    "Neighbours",
    "affine_map",
    "affine_part",
    "augmenter_names",
    "centre_of_mass",
    "deal",
    "get_augmenter",
    "mix_counts",
    "no_copies",
]
