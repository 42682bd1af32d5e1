"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import datasets, images, metrics, pl
from mixvi.model import CplMixVI, MoESimVI

__all__ = ["CplMixVI", "MoESimVI", "datasets", "images", "metrics", "pl"]
__version__ = version("mixvi")
