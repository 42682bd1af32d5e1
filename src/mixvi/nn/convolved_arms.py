"""Convolutional networks of all arms, in place of dense layers."""

import math

import torch
from torch import Tensor, nn

from mixvi.nn.convolution import ConvolutionalDecoder, ConvolutionalEncoder


class ConvolutionalArmEncoder(nn.Module):
    """From images and covariates to a summary, with a :class:`~mixvi.nn.ConvolutionalEncoder` for each arm.

    Parameters
    ----------
    n_arms
        Number of arms.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    n_covariates
        Features of batch and covariates.
    shared
        All arms have the same network.
    """

    def __init__(self, n_arms: int, image_shape: tuple[int, ...], n_covariates: int, shared: bool = False):
        super().__init__()
        self.n_pixels = math.prod(image_shape)
        n_networks = 1 if shared else n_arms
        networks = [ConvolutionalEncoder(image_shape, n_covariates) for _ in range(n_networks)]
        self.arms, self.n_out = nn.ModuleList(networks), networks[0].n_out

    def forward(self, joined: Tensor) -> Tensor:
        """Summarise, ``(arms, images, pixels + n_covariates) -> (arms, images, n_out)``."""
        x, covariates = joined[..., : self.n_pixels], joined[..., self.n_pixels :]
        return _each(self.arms, x, covariates)


class ConvolutionalArmDecoder(nn.Module):
    """From category, state and covariates to the logits of pixels, with a network for each arm.

    Parameters
    ----------
    n_arms, image_shape, n_covariates, shared
        As in :class:`ConvolutionalArmEncoder`.
    n_latent
        Features of category and state.
    """

    def __init__(
        self, n_arms: int, n_latent: int, n_covariates: int, image_shape: tuple[int, ...], shared: bool = False
    ):
        super().__init__()
        self.n_covariates = n_covariates
        n_networks = 1 if shared else n_arms
        self.arms = nn.ModuleList(ConvolutionalDecoder(n_latent, n_covariates, image_shape) for _ in range(n_networks))

    @property
    def n_in(self) -> int:
        """Features of category, state and covariates."""
        return self.arms[0].layers[0].in_features

    def forward(self, joined: Tensor) -> Tensor:
        """Decode, ``(arms, images, n_latent + n_covariates) -> (arms, images, pixels)``."""
        latent, covariates = joined.tensor_split([joined.shape[-1] - self.n_covariates], -1)
        return _each(self.arms, latent, covariates)

    @torch.no_grad()
    def keep_inputs(self, index: Tensor) -> None:
        """Drop all features but ``index``."""
        for decoder in self.arms:
            first = decoder.layers[0]
            first.weight = nn.Parameter(first.weight[:, index].clone())
            first.in_features = len(index)

    @torch.no_grad()
    def turn_inputs(self, first: int, rotation: Tensor) -> None:
        """Take the inputs from ``first`` on turned by orthogonal matrices ``(arms, n, n)``; the output stays."""
        turned = slice(first, first + rotation.shape[-1])
        for decoder, of_arm in zip(self.arms, rotation, strict=False):
            weight = decoder.layers[0].weight
            weight[:, turned] = weight[:, turned] @ of_arm.T


def _each(networks: nn.ModuleList, values: Tensor, covariates: Tensor) -> Tensor:
    """Give each arm's values ``(arms, images, n)`` to its network, or to the one that all share."""
    if len(networks) == 1:
        return networks[0](values.flatten(0, 1), covariates.flatten(0, 1)).unflatten(0, values.shape[:2])
    return torch.stack([network(v, c) for network, v, c in zip(networks, values, covariates, strict=True)])
