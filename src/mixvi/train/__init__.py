from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.infogan import InfoGANTrainingPlan
from mixvi.train.pairs import PairedCells, PairSplitter
from mixvi.train.panel import panel_types
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.scheduled import CascadeTrainingPlan, JointTrainingPlan, ScheduledTrainingPlan, VaDETrainingPlan
from mixvi.train.settled import Settled
from mixvi.train.start import StartingTypes, align_batches, medoid, quick_types

__all__ = [
    "AugmenterTrainingPlan",
    "CascadeTrainingPlan",
    "CoupledTrainingPlan",
    "InfoGANTrainingPlan",
    "JointTrainingPlan",
    "NearestTypes",
    "PairSplitter",
    "PairedCells",
    "ScheduledTrainingPlan",
    "Settled",
    "StartingTypes",
    "VaDETrainingPlan",
    "align_batches",
    "image_types",
    "medoid",
    "merge_without_gap",
    "panel_types",
    "quick_types",
    "squared_distance_to_nearest",
    "valley_ratio",
]
