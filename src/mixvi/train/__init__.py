from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.rare import split_rare_types
from mixvi.train.settled import Settled
from mixvi.train.start import Start, StartingTypes, align_batches, medoid, neighbour_graph, quick_types
from mixvi.train.states import StartingStates

__all__ = [
    "AugmenterTrainingPlan",
    "CoupledTrainingPlan",
    "NearestTypes",
    "Settled",
    "Start",
    "StartingStates",
    "StartingTypes",
    "align_batches",
    "image_types",
    "medoid",
    "merge_without_gap",
    "neighbour_graph",
    "quick_types",
    "split_rare_types",
    "squared_distance_to_nearest",
    "valley_ratio",
]
