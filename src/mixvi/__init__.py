"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import datasets, images, metrics, pl
from mixvi.model import CascadeVI, CplMixVI, InfoGANVI, JointVI, VaDEVI

__all__ = ["CascadeVI", "CplMixVI", "InfoGANVI", "JointVI", "VaDEVI", "datasets", "images", "metrics", "pl"]
__version__ = version("mixvi")
