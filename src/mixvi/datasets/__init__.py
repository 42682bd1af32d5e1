from mixvi.datasets.simulation import simulate_types_and_states

__all__ = ["simulate_types_and_states"]
