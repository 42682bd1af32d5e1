from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.modalities import ModalityStates, fill_missing
from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.pruning import inherited_shares, separated_pairs
from mixvi.train.rare import split_rare_types
from mixvi.train.settled import Settled
from mixvi.train.start import Start, StartingTypes, align_batches, medoid, neighbour_graph, quick_types
from mixvi.train.states import StartingStates
from mixvi.train.temperature import fit_temperature, independent_copies, split_log_likelihood

__all__ = [
    "AugmenterTrainingPlan",
    "CoupledTrainingPlan",
    "ModalityStates",
    "NearestTypes",
    "Settled",
    "Start",
    "StartingStates",
    "StartingTypes",
    "align_batches",
    "fill_missing",
    "fit_temperature",
    "image_types",
    "independent_copies",
    "inherited_shares",
    "medoid",
    "merge_without_gap",
    "neighbour_graph",
    "quick_types",
    "separated_pairs",
    "split_log_likelihood",
    "split_rare_types",
    "squared_distance_to_nearest",
    "valley_ratio",
]
