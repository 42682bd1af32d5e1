from mixvi.datasets.fcs import read_fcs
from mixvi.datasets.gates import simulate_cytometry
from mixvi.datasets.loading import at_hand, available, load
from mixvi.datasets.modalities import simulate_modalities
from mixvi.datasets.parameters import SimulationParameters, estimate_parameters
from mixvi.datasets.patchseq import patchseq_scala2020
from mixvi.datasets.registry import DATASETS, DataSet
from mixvi.datasets.simulation import simulate_types_and_states
from mixvi.datasets.sprites import dsprites_rendered, render_sprites, sprite_factors
from mixvi.datasets.taxonomy import unbalanced_sizes

__all__ = [
    "DATASETS",
    "DataSet",
    "SimulationParameters",
    "at_hand",
    "available",
    "dsprites_rendered",
    "estimate_parameters",
    "load",
    "patchseq_scala2020",
    "read_fcs",
    "render_sprites",
    "simulate_cytometry",
    "simulate_modalities",
    "simulate_types_and_states",
    "sprite_factors",
    "unbalanced_sizes",
]
