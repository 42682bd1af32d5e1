from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.start import StartingTypes, align_batches, quick_types

__all__ = [
    "CoupledTrainingPlan",
    "NearestTypes",
    "StartingTypes",
    "align_batches",
    "image_types",
    "merge_without_gap",
    "quick_types",
    "valley_ratio",
]
