"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import datasets, images, metrics, pl
from mixvi.model import CascadeVI, CplMixVI, InfoGANVI, JointVI, MoESimVI, VaDEVI

__all__ = ["CascadeVI", "CplMixVI", "InfoGANVI", "JointVI", "MoESimVI", "VaDEVI", "datasets", "images", "metrics", "pl"]
__version__ = version("mixvi")
