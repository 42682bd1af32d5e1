from mixvi.nn.arms import ArmBlock, ArmLayerNorm, ArmLinear
from mixvi.nn.category import sample_category
from mixvi.nn.heads import HEADS, GaussianHead, NegativeBinomialHead, ZeroInflatedNegativeBinomialHead
from mixvi.nn.mixture import MixtureDecoder, MixtureEncoder
from mixvi.nn.projection import ExpressionProjection

__all__ = [
    "HEADS",
    "ArmBlock",
    "ArmLayerNorm",
    "ArmLinear",
    "ExpressionProjection",
    "GaussianHead",
    "MixtureDecoder",
    "MixtureEncoder",
    "NegativeBinomialHead",
    "ZeroInflatedNegativeBinomialHead",
    "sample_category",
]
