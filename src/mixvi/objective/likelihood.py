"""Log-likelihoods of a whole cell: shapes ``(..., cells, genes)`` in, ``(..., cells)`` out."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mixvi.objective.coefficient import log_coefficient


def negative_binomial(x: Tensor, log_mu: Tensor, log_theta: Tensor) -> Tensor:
    """Negative binomial with mean ``μ`` and inverse dispersion ``θ`` (variance ``μ + μ²/θ``), summed over genes.

    Parameters
    ----------
    x
        Counts, shape ``(..., cells, genes)``.
    log_mu
        Log-mean, same shape.
    log_theta
        Log inverse dispersion of each gene, broadcastable to ``(..., 1, genes)``.

    Returns
    -------
    Log-probabilities of the cells, shape ``(..., cells)``.
    """
    log_odds = log_mu - log_theta  # log p/(1 − p), p = μ/(μ+θ)
    loss = F.softplus(log_odds)  # −log(1 − p)
    return (x * (log_odds - loss) - log_theta.exp() * loss).sum(-1) + log_coefficient(x, log_theta)


def zero_inflated_negative_binomial(x: Tensor, log_mu: Tensor, log_theta: Tensor, dropout_logits: Tensor) -> Tensor:
    """Negative binomial mixed with extra zeros of probability ``sigmoid(dropout_logits)``, summed over genes.

    Parameters
    ----------
    x
        Counts, shape ``(..., cells, genes)``.
    log_mu
        Log-mean of the negative binomial, same shape.
    log_theta
        Log inverse dispersion of each gene, broadcastable to ``(..., 1, genes)``.
    dropout_logits
        Logits of an extra zero, same shape as ``x``.

    Returns
    -------
    Log-probabilities of the cells, shape ``(..., cells)``.
    """
    log_odds = log_mu - log_theta
    loss = F.softplus(log_odds)
    log_nb = x * (log_odds - loss) - log_theta.exp() * loss  # at x = 0 all of it
    zero = F.softplus(log_nb - dropout_logits) - F.softplus(-dropout_logits)  # log(π + (1 − π) NB(0))
    positive = log_nb - F.softplus(dropout_logits)  # log(1 − π) + …
    return torch.where(x > 0, positive, zero).sum(-1) + log_coefficient(x, log_theta)


def gaussian(x: Tensor, mean: Tensor, log_scale: Tensor) -> Tensor:
    """Gaussian with a standard deviation of each gene, summed over genes.

    Parameters
    ----------
    x, mean
        Values and their mean, shape ``(..., cells, genes)``.
    log_scale
        Log standard deviation, broadcastable to ``x``.

    Returns
    -------
    Log-densities of the cells, shape ``(..., cells)``.
    """
    residual = (x - mean) * (-log_scale).exp()
    return -(0.5 * residual.square() + log_scale + 0.5 * math.log(2 * math.pi)).sum(-1)


def bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """Bernoulli with probability ``p = sigmoid(logits)``, ``Σ x log p + (1 − x) log(1 − p)``, summed over pixels.

    For values between 0 and 1 this is minus the binary cross-entropy: Eq. 4 of the MoE-Sim-VAE paper, with the
    zeros' term that is missing there.

    Parameters
    ----------
    x
        Values in [0, 1], shape ``(..., cells, genes)``.
    logits
        Log-odds of a 1, same shape.

    Returns
    -------
    Log-probabilities of the cells, shape ``(..., cells)``.
    """
    return -F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)
