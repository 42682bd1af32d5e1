"""From a cell to its latent representation, and from there to the expert that is to decode it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mixvi.nn.mixture import LOG_VAR_RANGE
from mixvi.nn.noisy import NoisyLayers


class LatentEncoder(nn.Module):
    """``q(z|x)``, a factorised Gaussian.

    Parameters
    ----------
    n_in, n_covariates
        Input features of a cell, and features of batch and covariates.
    n_latent
        Dimensions of the latent representation.
    widths, dropout_rate
        Of the hidden layers, see :class:`~mixvi.nn.NoisyLayers`.
    """

    def __init__(self, n_in: int, n_covariates: int, n_latent: int, widths: Sequence[int], dropout_rate: float):
        super().__init__()
        self.hidden = NoisyLayers(n_in + n_covariates, widths, dropout_rate)
        self.latent = nn.Linear(widths[-1], 2 * n_latent)

    def forward(self, x: Tensor, covariates: Tensor, noisy: bool = False) -> tuple[Tensor, Tensor]:
        """Mean and log-variance, each ``(cells, n_latent)``, of cells ``(cells, n_in)``."""
        mean, log_var = self.latent(self.hidden(torch.cat([x, covariates], -1), noisy)).chunk(2, -1)
        return mean, log_var.clamp(*LOG_VAR_RANGE)


class GatingNetwork(nn.Module):
    """Probabilities ``p_ik`` that cell ``i`` belongs to category ``k``, from its latent representation.

    Parameters
    ----------
    n_latent, n_categories
        Sizes.
    widths, dropout_rate
        Of the hidden layers, see :class:`~mixvi.nn.NoisyLayers`.
    """

    def __init__(self, n_latent: int, n_categories: int, widths: Sequence[int], dropout_rate: float):
        super().__init__()
        self.hidden = NoisyLayers(n_latent, widths, dropout_rate)
        self.category = nn.Linear(widths[-1], n_categories)

    def forward(self, z: Tensor, noisy: bool = False) -> Tensor:
        """``log p_ik``, ``(cells, n_latent) -> (cells, categories)``."""
        return self.category(self.hidden(z, noisy)).log_softmax(-1)

    @torch.no_grad()
    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index``."""
        self.category.weight = nn.Parameter(self.category.weight[index].clone())
        self.category.bias = nn.Parameter(self.category.bias[index].clone())
