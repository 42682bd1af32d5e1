"""Fully connected encoder and decoder of models with a single arm."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def dense(widths: Sequence[int], normalise: bool = True, dropout_rate: float = 0.0) -> nn.Sequential:
    """Linear layers, each followed by ReLU, by layer normalisation before it, and dropout after it.

    Parameters
    ----------
    widths
        Features of the input, and of each layer.
    normalise
        Whether layers are normalised.
    dropout_rate
        Probability of dropping a unit in training.

    Returns
    -------
    The layers.
    """
    layers: list[nn.Module] = []
    for n_in, n_out in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(n_in, n_out), nn.LayerNorm(n_out)] if normalise else [nn.Linear(n_in, n_out)]
        layers += [nn.ReLU(), nn.Dropout(dropout_rate)] if dropout_rate > 0 else [nn.ReLU()]
    return nn.Sequential(*layers)


class DenseEncoder(nn.Module):
    """From cells and covariates to a summary.

    Parameters
    ----------
    n_in, n_covariates
        Features of a cell, and of batch and covariates.
    widths, normalise, dropout_rate
        Of the layers, as in ``dense``.
    """

    def __init__(
        self, n_in: int, n_covariates: int, widths: Sequence[int], normalise: bool = True, dropout_rate: float = 0.0
    ):
        super().__init__()
        self.n_out = widths[-1]
        self.layers = dense([n_in + n_covariates, *widths], normalise, dropout_rate)

    def forward(self, x: Tensor, covariates: Tensor) -> Tensor:
        """Summarise cells, ``(cells, n_in), (cells, n_covariates) -> (cells, n_out)``."""
        return self.layers(torch.cat([x, covariates], -1))


class DenseDecoder(nn.Module):
    """From latent and covariates to what a likelihood head takes.

    Parameters
    ----------
    n_latent, n_covariates
        Features of category and state, and of batch and covariates.
    widths, normalise
        Of the layers, as in ``dense``.
    """

    def __init__(self, n_latent: int, n_covariates: int, widths: Sequence[int], normalise: bool = True):
        super().__init__()
        self.n_out = widths[-1]
        self.layers = dense([n_latent + n_covariates, *widths], normalise)

    def forward(self, latent: Tensor, covariates: Tensor) -> Tensor:
        """Decode, ``(..., cells, n_latent), (cells, n_covariates) -> (..., cells, n_out)``."""
        return self.layers(torch.cat([latent, covariates.expand(*latent.shape[:-1], -1)], -1))
