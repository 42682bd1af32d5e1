"""Convolutional encoder and decoder of images, as in JointVAE (Dupont 2018)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mixvi.nn.heads import BernoulliHead

CHANNELS = {32: (32, 64, 64), 64: (32, 32, 64, 64)}  # of the layers, for frames of 32² and 64² pixels
SMALLEST = 4  # side of the last map
N_HIDDEN = 256  # of the fully connected layer behind it


def frame_side(image_shape: tuple[int, ...]) -> int:
    """Side of the square frame that an image is put into: 32 or 64 pixels.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.

    Returns
    -------
    The side.

    Raises
    ------
    ValueError
        If the image is larger than 64 × 64.

    Examples
    --------
    >>> frame_side((28, 28))
    32
    """
    side = max(image_shape[:2])
    if side > max(CHANNELS):
        raise ValueError(
            f"Images of {image_shape[0]} × {image_shape[1]} pixels do not fit the convolutional network, which takes "
            "up to 64 × 64. Scale them down, or use network='dense'."
        )
    return min(frame for frame in CHANNELS if frame >= side)


def to_frames(pixels: Tensor, image_shape: tuple[int, ...], side: int) -> Tensor:
    """Rows of pixels as maps, zeros around them: ``(n, pixels) -> (n, channels, side, side)``.

    Parameters
    ----------
    pixels
        Images, row by row, channels last.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    side
        Side of the frame.

    Returns
    -------
    The maps.
    """
    height, width = image_shape[:2]
    maps = pixels.reshape(len(pixels), height, width, -1).permute(0, 3, 1, 2)
    top, left = (side - height) // 2, (side - width) // 2
    return F.pad(maps, (left, side - width - left, top, side - height - top))


def from_frames(maps: Tensor, image_shape: tuple[int, ...]) -> Tensor:
    """Undo :func:`to_frames`: ``(n, channels, side, side) -> (n, pixels)``."""
    height, width = image_shape[:2]
    top, left = (maps.shape[-2] - height) // 2, (maps.shape[-1] - width) // 2
    return maps[:, :, top : top + height, left : left + width].permute(0, 2, 3, 1).flatten(1)


class ConvolutionalEncoder(nn.Module):
    """From images and covariates to a summary: convolutions with stride 2 down to 4 × 4, and a fully connected layer.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    n_covariates
        Features of batch and covariates, which join at the fully connected layer.
    """

    def __init__(self, image_shape: tuple[int, ...], n_covariates: int):
        super().__init__()
        self.image_shape, self.side, self.n_out = image_shape, frame_side(image_shape), N_HIDDEN
        channels = [math.prod(image_shape[2:]), *CHANNELS[self.side]]
        layers = []
        for n_in, n_out in zip(channels, channels[1:], strict=False):
            layers += [nn.Conv2d(n_in, n_out, 4, 2, 1), nn.ReLU()]
        self.maps = nn.Sequential(*layers, nn.Flatten())
        self.hidden = nn.Sequential(nn.Linear(channels[-1] * SMALLEST**2 + n_covariates, N_HIDDEN), nn.ReLU())

    def forward(self, x: Tensor, covariates: Tensor) -> Tensor:
        """Summarise images, ``(images, pixels), (images, n_covariates) -> (images, n_out)``."""
        maps = self.maps(to_frames(x, self.image_shape, self.side))
        return self.hidden(torch.cat([maps, covariates], -1))


class ConvolutionalDecoder(nn.Module):
    """The encoder's mirror image, down to the logits of pixels; :class:`PixelHead` follows.

    Parameters
    ----------
    n_latent, n_covariates
        Features of category and state, and of batch and covariates.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    """

    def __init__(self, n_latent: int, n_covariates: int, image_shape: tuple[int, ...]):
        super().__init__()
        self.image_shape, self.n_out = image_shape, math.prod(image_shape)
        channels = [*CHANNELS[frame_side(image_shape)][::-1], math.prod(image_shape[2:])]
        layers = [nn.Linear(n_latent + n_covariates, N_HIDDEN), nn.ReLU()]
        layers += [nn.Linear(N_HIDDEN, channels[0] * SMALLEST**2), nn.Unflatten(1, (channels[0], SMALLEST, SMALLEST))]
        for n_in, n_out in zip(channels, channels[1:], strict=False):
            layers += [nn.ReLU(), nn.ConvTranspose2d(n_in, n_out, 4, 2, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, latent: Tensor, covariates: Tensor) -> Tensor:
        """Decode, ``(..., images, n_latent), (images, n_covariates) -> (..., images, pixels)``."""
        joined = torch.cat([latent, covariates.expand(*latent.shape[:-1], -1)], -1)
        return from_frames(self.layers(joined.flatten(0, -2)), self.image_shape).unflatten(0, joined.shape[:-1])


class PixelHead(BernoulliHead):
    """Pixels in [0, 1] whose logits a convolutional decoder gives, ``(..., images, pixels)``."""

    def __init__(self):
        nn.Module.__init__(self)
        self.logits = nn.Identity()

    def start_at(self, location: Tensor, scale: Tensor) -> None:
        """Start from random filters: a bias for each pixel would not be a convolution."""
