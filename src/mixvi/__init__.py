"""Cell types and cell states, learned together."""

from importlib.metadata import version

from mixvi import metrics, pl
from mixvi.model import CplMixVI

__all__ = ["CplMixVI", "metrics", "pl"]
__version__ = version("mixvi")
