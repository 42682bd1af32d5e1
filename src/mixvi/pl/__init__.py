from mixvi.pl.augmentation import augmentation
from mixvi.pl.calibration import calibration
from mixvi.pl.composition import composition
from mixvi.pl.consensus import arm_consensus, consensus
from mixvi.pl.training import training
from mixvi.pl.types import types

__all__ = ["arm_consensus", "augmentation", "calibration", "composition", "consensus", "training", "types"]
