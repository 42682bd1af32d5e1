from mixvi.train.augmenter import AugmenterTrainingPlan, squared_distance_to_nearest
from mixvi.train.communities import KnownTypes, graph_types, majority, merge_near
from mixvi.train.dropping import Pruning, drop_categories
from mixvi.train.gap import merge_without_gap, valley_ratio
from mixvi.train.graph import NearestTypes, image_types
from mixvi.train.infogan import InfoGANTrainingPlan
from mixvi.train.interrupting import StopsOnInterrupt
from mixvi.train.modalities import ModalityStates, fill_missing
from mixvi.train.pairs import PairedCells, PairSplitter
from mixvi.train.plan import CoupledTrainingPlan, SimilarityTrainingPlan
from mixvi.train.pruning import inherited_shares, separated_pairs, superfluous
from mixvi.train.rare import split_rare_types
from mixvi.train.reproducible import reproducible_types
from mixvi.train.resuming import Checkpoints, read_checkpoint, take_up
from mixvi.train.rotation import axes_of_moves
from mixvi.train.scheduled import CascadeTrainingPlan, JointTrainingPlan, ScheduledTrainingPlan, VaDETrainingPlan
from mixvi.train.settled import Settled
from mixvi.train.start import Start, StartingTypes, align_batches, medoid, neighbour_graph, quick_types
from mixvi.train.states import StartingStates
from mixvi.train.temperature import fit_temperature, independent_copies, split_log_likelihood

__all__ = [
    "AugmenterTrainingPlan",
    "CascadeTrainingPlan",
    "Checkpoints",
    "CoupledTrainingPlan",
    "InfoGANTrainingPlan",
    "JointTrainingPlan",
    "KnownTypes",
    "ModalityStates",
    "NearestTypes",
    "PairSplitter",
    "PairedCells",
    "Pruning",
    "ScheduledTrainingPlan",
    "Settled",
    "SimilarityTrainingPlan",
    "Start",
    "StartingStates",
    "StartingTypes",
    "StopsOnInterrupt",
    "VaDETrainingPlan",
    "align_batches",
    "drop_categories",
    "fill_missing",
    "fit_temperature",
    "graph_types",
    "image_types",
    "axes_of_moves",
    "independent_copies",
    "inherited_shares",
    "majority",
    "medoid",
    "merge_near",
    "merge_without_gap",
    "neighbour_graph",
    "quick_types",
    "separated_pairs",
    "split_log_likelihood",
    "read_checkpoint",
    "reproducible_types",
    "split_rare_types",
    "squared_distance_to_nearest",
    "superfluous",
    "take_up",
    "valley_ratio",
]
