from mixvi.datasets.loading import available, load
from mixvi.datasets.modalities import simulate_modalities
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
    "simulate_modalities",
    "simulate_types_and_states",
    "unbalanced_sizes",
]
