from mixvi.pl.augmentation import augmentation
from mixvi.pl.calibration import calibration
from mixvi.pl.composition import composition
from mixvi.pl.consensus import arm_consensus, consensus
from mixvi.pl.images import image_grid, image_traversal
from mixvi.pl.taxonomy import confusion, hierarchy_accuracy, silhouettes
from mixvi.pl.training import training
from mixvi.pl.traversal import traversal
from mixvi.pl.types import types

__all__ = [
    "arm_consensus",
    "augmentation",
    "calibration",
    "composition",
    "confusion",
    "consensus",
    "hierarchy_accuracy",
    "image_grid",
    "image_traversal",
    "silhouettes",
    "training",
    "traversal",
    "types",
]
