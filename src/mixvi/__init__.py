"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import cytometry, datasets, images, metrics, pl, similarity
from mixvi.loading import open_cells
from mixvi.model import CascadeVI, CplMixVI, InfoGANVI, JointVI, MoESimVI, VaDEVI

__all__ = [
    "CascadeVI",
    "CplMixVI",
    "InfoGANVI",
    "JointVI",
    "MoESimVI",
    "VaDEVI",
    "cytometry",
    "datasets",
    "images",
    "metrics",
    "open_cells",
    "pl",
    "similarity",
]
__version__ = version("mixvi")
