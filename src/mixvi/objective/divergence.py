"""Entropies and Kullback-Leibler divergences of the mixture's two kinds of latent variables."""

import math

from torch import Tensor


def entropy(log_q: Tensor) -> Tensor:
    """Entropy ``H(c|x)`` of categorical distributions, in nats.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(..., categories)``.

    Returns
    -------
    Entropies, shape ``(...)``.
    """
    return -(log_q.exp() * log_q).sum(-1)


def category_kl(log_q: Tensor) -> Tensor:
    """``D_KL(q(c|x) ‖ p(c))`` to the uniform prior (last term of Eq. 3; prior of supplement B).

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(..., categories)``.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    return math.log(log_q.shape[-1]) - entropy(log_q)


def state_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    """``D_KL(q(s|c,x) ‖ N(0, I))`` of a factorised Gaussian (second term of Eq. 3; prior of supplement B).

    Parameters
    ----------
    mean, log_var
        Mean and log-variance of ``q(s|c,x)``, shape ``(..., states)``.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    return 0.5 * (mean.square() + log_var.exp() - log_var - 1).sum(-1)


def shares_divergence(average: Tensor, shares: Tensor) -> Tensor:
    """``D_KL(π ‖ E_x[q(c|x)])``: categories keep their share of the cells, and none is given up.

    It has no gradient at the shares, and grows without bound when a category loses its cells.

    Parameters
    ----------
    average
        Average probabilities of the categories, shape ``(categories,)``.
    shares
        ``π``, same shape.

    Returns
    -------
    Scalar, in nats.
    """
    average, shares = average.clamp_min(1e-8), shares.clamp_min(1e-8)
    return (shares * (shares.log() - average.log())).sum()
