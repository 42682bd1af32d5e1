from mixvi.nn.adversarial import Generator, Recogniser
from mixvi.nn.arms import ArmBlock, ArmLayerNorm, ArmLinear
from mixvi.nn.category import sample_category
from mixvi.nn.convolution import ConvolutionalDecoder, ConvolutionalEncoder, PixelHead, frame_side
from mixvi.nn.dense import DenseDecoder, DenseEncoder
from mixvi.nn.heads import HEADS, BernoulliHead, GaussianHead, NegativeBinomialHead, ZeroInflatedNegativeBinomialHead
from mixvi.nn.latents import LatentEncoder
from mixvi.nn.mixture import MixtureDecoder, MixtureEncoder
from mixvi.nn.projection import ExpressionProjection, PixelProjection
from mixvi.nn.sampling import expected_values, sample_values

__all__ = [
    "HEADS",
    "ArmBlock",
    "ArmLayerNorm",
    "ArmLinear",
    "BernoulliHead",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "DenseDecoder",
    "DenseEncoder",
    "ExpressionProjection",
    "GaussianHead",
    "Generator",
    "LatentEncoder",
    "MixtureDecoder",
    "MixtureEncoder",
    "NegativeBinomialHead",
    "PixelHead",
    "PixelProjection",
    "Recogniser",
    "ZeroInflatedNegativeBinomialHead",
    "expected_values",
    "frame_side",
    "sample_category",
    "sample_values",
]
