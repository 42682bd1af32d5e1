"""Log-likelihoods of a whole cell: shapes ``(..., cells, genes)`` in, ``(..., cells)`` out.

What depends on a count and a dispersion alone is looked up in a table of small counts: exact, and much cheaper.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

TABULATED = 64  # counts below; most counts of single cells are


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
    log_theta = log_theta.expand(*x.shape[:-2], 1, x.shape[-1])
    return _Powers.apply(x, log_mu, log_theta) + log_coefficient(x, log_theta)


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


class _Powers(torch.autograd.Function):
    """``x log p + θ log(1 − p)``, ``p = μ/(μ+θ)``, summed over genes: what is left without the coefficient.

    By hand it passes over the genes half as often, and remembers nothing but its inputs.
    """

    @staticmethod
    def forward(ctx, x: Tensor, log_mu: Tensor, log_theta: Tensor) -> Tensor:
        ctx.save_for_backward(x, log_mu, log_theta)
        log_odds = log_mu - log_theta  # log μ/θ
        loss = F.softplus(log_odds)  # −log(1 − p)
        return log_odds.sub_(loss).mul_(x).sum(-1) - (loss @ log_theta.exp().mT).squeeze(-1)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[None, Tensor, Tensor]:
        x, log_mu, log_theta = ctx.saved_tensors
        grad, theta = grad.unsqueeze(-1), log_theta.exp()
        log_odds = log_mu - log_theta
        grad_theta = -theta * (grad.mT @ F.softplus(log_odds))  # (..., 1, genes)
        grad_mu = log_odds.sigmoid_().mul_(x + theta).sub_(x).mul_(-grad)  # x − (x + θ) p
        return None, grad_mu, grad_theta - grad_mu.sum(-2, keepdim=True)


def log_coefficient(x: Tensor, log_theta: Tensor) -> Tensor:
    """Log of the negative binomial's coefficient ``Γ(x+θ) / (Γ(θ) x!)``, summed over genes.

    Small counts are looked up: of whole numbers the coefficient is ``Π_{j<x} (θ+j)/(j+1)``.

    Parameters
    ----------
    x
        Counts, shape ``(..., cells, genes)``; not differentiated.
    log_theta
        Log inverse dispersion of each gene, broadcastable to ``(..., 1, genes)``.

    Returns
    -------
    Shape ``(..., cells)``.
    """
    log_theta = log_theta.expand(*x.shape[:-2], 1, x.shape[-1])
    below = torch.arange(TABULATED - 1, dtype=x.dtype, device=x.device)[:, None]  # j
    factors = ((log_theta.exp() + below) / (below + 1)).log()  # (..., counts, genes)
    table = F.pad(factors.cumsum(-2), (0, 0, 1, 0))
    small = x.clamp_max(TABULATED - 1).floor_()
    value = table.gather(-2, small.long()).sum(-1)
    return value + _beyond_table(x, small, log_theta)


def _beyond_table(x: Tensor, small: Tensor, log_theta: Tensor) -> Tensor:
    """What :func:`log_coefficient` misses where ``small`` stands for another ``x``: a large count, or a broken one."""
    index = (small != x).reshape(-1).nonzero().squeeze(-1)
    count, tabulated = x.reshape(-1)[index], small.reshape(-1)[index]
    theta = log_theta.exp().expand_as(x).reshape(-1)[index]
    value = torch.lgamma(count + theta) - torch.lgamma(tabulated + theta)
    value = value - torch.lgamma(count + 1) + torch.lgamma(tabulated + 1)
    cells = torch.zeros(x.shape[:-1].numel(), dtype=value.dtype, device=x.device)
    cell_of_value = torch.div(index, x.shape[-1], rounding_mode="floor")
    return cells.index_add(0, cell_of_value, value).reshape(x.shape[:-1])
