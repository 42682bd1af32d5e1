from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.modalities import fill_missing
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.settled import Settled
from mixvi.train.start import StartingTypes, align_batches, medoid, quick_types

__all__ = [
    "AugmenterTrainingPlan",
    "CoupledTrainingPlan",
    "NearestTypes",
    "Settled",
    "StartingTypes",
    "align_batches",
    "fill_missing",
    "image_types",
    "medoid",
    "merge_without_gap",
    "quick_types",
    "squared_distance_to_nearest",
    "valley_ratio",
]
