from mixvi.nn.arms import ArmBlock, ArmLayerNorm, ArmLinear
from mixvi.nn.category import sample_category
from mixvi.nn.covariates import ExtendedArmLinear, indicators, one_hot_or_average
from mixvi.nn.heads import HEADS, BernoulliHead, GaussianHead, NegativeBinomialHead, ZeroInflatedNegativeBinomialHead
from mixvi.nn.missing import cells_with_values, follow_others
from mixvi.nn.mixture import MixtureDecoder, MixtureEncoder
from mixvi.nn.projection import ExpressionProjection, PixelProjection

__all__ = [
    "HEADS",
    "ArmBlock",
    "ArmLayerNorm",
    "ArmLinear",
    "BernoulliHead",
    "ExpressionProjection",
    "ExtendedArmLinear",
    "GaussianHead",
    "MixtureDecoder",
    "MixtureEncoder",
    "NegativeBinomialHead",
    "PixelProjection",
    "ZeroInflatedNegativeBinomialHead",
    "cells_with_values",
    "follow_others",
    "indicators",
    "one_hot_or_average",
    "sample_category",
]
