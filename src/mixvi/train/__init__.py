from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.settled import Settled
from mixvi.train.start import StartingTypes, align_batches, medoid, quick_types

__all__ = [
    "CoupledTrainingPlan",
    "Settled",
    "StartingTypes",
    "align_batches",
    "medoid",
    "merge_without_gap",
    "quick_types",
    "valley_ratio",
]
