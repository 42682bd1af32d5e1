"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import cytometry, datasets, images, metrics, pl, similarity
from mixvi.model import CplMixVI, MoESimVI

__all__ = ["CplMixVI", "MoESimVI", "cytometry", "datasets", "images", "metrics", "pl", "similarity"]
__version__ = version("mixvi")
