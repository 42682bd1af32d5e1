from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.pruning import inherited_shares, separated_pairs
from mixvi.train.settled import Settled
from mixvi.train.start import StartingTypes, align_batches, medoid, quick_types
from mixvi.train.temperature import fit_temperature, independent_copies, split_log_likelihood

__all__ = [
    "AugmenterTrainingPlan",
    "CoupledTrainingPlan",
    "NearestTypes",
    "Settled",
    "StartingTypes",
    "align_batches",
    "fit_temperature",
    "image_types",
    "independent_copies",
    "inherited_shares",
    "medoid",
    "merge_without_gap",
    "quick_types",
    "separated_pairs",
    "split_log_likelihood",
    "squared_distance_to_nearest",
    "valley_ratio",
]
