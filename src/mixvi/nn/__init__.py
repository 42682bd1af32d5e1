from mixvi.nn.adversarial import Generator, Recogniser
from mixvi.nn.arms import ArmBlock, ArmLayerNorm, ArmLinear
from mixvi.nn.category import sample_category
from mixvi.nn.centres import RunningMeans
from mixvi.nn.convolution import ConvolutionalDecoder, ConvolutionalEncoder, PixelHead, frame_side
from mixvi.nn.convolved_arms import ConvolutionalArmDecoder, ConvolutionalArmEncoder
from mixvi.nn.covariates import ExtendedArmLinear, indicators, one_hot_or_average
from mixvi.nn.dense import DenseDecoder, DenseEncoder
from mixvi.nn.expected import project_expected
from mixvi.nn.experts import ExpertLinear, Experts, Routed
from mixvi.nn.gating import GatingNetwork, LatentEncoder
from mixvi.nn.heads import HEADS, BernoulliHead, GaussianHead, NegativeBinomialHead, ZeroInflatedNegativeBinomialHead
from mixvi.nn.latents import SummaryEncoder
from mixvi.nn.missing import cells_with_values, follow_others
from mixvi.nn.mixture import MixtureDecoder, MixtureEncoder
from mixvi.nn.noisy import NoisyLayers
from mixvi.nn.projection import ExpressionProjection, PixelProjection
from mixvi.nn.sparse import SparseCells, project

__all__ = [
    "ArmBlock",
    "ArmLayerNorm",
    "ArmLinear",
    "BernoulliHead",
    "ConvolutionalArmDecoder",
    "ConvolutionalArmEncoder",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "DenseDecoder",
    "DenseEncoder",
    "ExpertLinear",
    "Experts",
    "ExpressionProjection",
    "ExtendedArmLinear",
    "GatingNetwork",
    "GaussianHead",
    "Generator",
    "HEADS",
    "LatentEncoder",
    "MixtureDecoder",
    "MixtureEncoder",
    "NegativeBinomialHead",
    "NoisyLayers",
    "PixelHead",
    "PixelProjection",
    "Recogniser",
    "Routed",
    "RunningMeans",
    "SparseCells",
    "SummaryEncoder",
    "ZeroInflatedNegativeBinomialHead",
    "cells_with_values",
    "follow_others",
    "frame_side",
    "indicators",
    "one_hot_or_average",
    "project",
    "project_expected",
    "sample_category",
]
