from mixvi.datasets.parameters import SimulationParameters, estimate_parameters
from mixvi.datasets.simulation import simulate_types_and_states
from mixvi.datasets.taxonomy import unbalanced_sizes

__all__ = ["SimulationParameters", "estimate_parameters", "simulate_types_and_states", "unbalanced_sizes"]
