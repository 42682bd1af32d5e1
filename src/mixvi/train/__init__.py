from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.communities import KnownTypes, graph_types, majority, merge_near
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.infogan import InfoGANTrainingPlan
from mixvi.train.pairs import PairedCells, PairSplitter
from mixvi.train.plan import CoupledTrainingPlan, SimilarityTrainingPlan
from mixvi.train.scheduled import CascadeTrainingPlan, JointTrainingPlan, ScheduledTrainingPlan, VaDETrainingPlan
from mixvi.train.settled import Settled
from mixvi.train.start import StartingTypes, align_batches, medoid, quick_types

__all__ = [
    "AugmenterTrainingPlan",
    "CascadeTrainingPlan",
    "CoupledTrainingPlan",
    "InfoGANTrainingPlan",
    "JointTrainingPlan",
    "KnownTypes",
    "NearestTypes",
    "PairSplitter",
    "PairedCells",
    "ScheduledTrainingPlan",
    "Settled",
    "SimilarityTrainingPlan",
    "StartingTypes",
    "VaDETrainingPlan",
    "align_batches",
    "graph_types",
    "image_types",
    "majority",
    "medoid",
    "merge_near",
    "merge_without_gap",
    "quick_types",
    "squared_distance_to_nearest",
    "valley_ratio",
]
