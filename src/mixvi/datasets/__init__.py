from mixvi.datasets.fcs import read_fcs
from mixvi.datasets.loading import available, load
from mixvi.datasets.parameters import SimulationParameters, estimate_parameters
from mixvi.datasets.registry import DATASETS, DataSet
from mixvi.datasets.simulation import simulate_types_and_states
from mixvi.datasets.taxonomy import unbalanced_sizes

__all__ = [
    "DATASETS",
    "DataSet",
    "SimulationParameters",
    "available",
    "estimate_parameters",
    "load",
    "read_fcs",
    "simulate_types_and_states",
    "unbalanced_sizes",
]
