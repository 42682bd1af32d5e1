from mixvi.nn.arms import ArmBlock, ArmLayerNorm, ArmLinear
from mixvi.nn.category import sample_category
from mixvi.nn.centres import RunningMeans
from mixvi.nn.experts import ExpertLinear, Experts, Routed
from mixvi.nn.gating import GatingNetwork, LatentEncoder
from mixvi.nn.heads import HEADS, BernoulliHead, GaussianHead, NegativeBinomialHead, ZeroInflatedNegativeBinomialHead
from mixvi.nn.mixture import MixtureDecoder, MixtureEncoder
from mixvi.nn.noisy import NoisyLayers
from mixvi.nn.projection import ExpressionProjection, PixelProjection

__all__ = [
    "HEADS",
    "ArmBlock",
    "ArmLayerNorm",
    "ArmLinear",
    "BernoulliHead",
    "ExpertLinear",
    "Experts",
    "ExpressionProjection",
    "GatingNetwork",
    "GaussianHead",
    "LatentEncoder",
    "MixtureDecoder",
    "MixtureEncoder",
    "NegativeBinomialHead",
    "NoisyLayers",
    "PixelProjection",
    "Routed",
    "RunningMeans",
    "ZeroInflatedNegativeBinomialHead",
    "sample_category",
]
