"""A latent that is a mixture of Gaussians, one a category (Jiang et al. 2017, VaDE)."""

import math

from torch import Tensor


def component_log_density(z: Tensor, means: Tensor, log_vars: Tensor) -> Tensor:
    """``log N(z; u_k, λ_k)`` of every component.

    Parameters
    ----------
    z
        Latents, shape ``(..., n_latent)``.
    means, log_vars
        ``u`` and ``log λ``, shape ``(categories, n_latent)``.

    Returns
    -------
    Log-densities, shape ``(..., categories)``.
    """
    squares = (z.unsqueeze(-2) - means).square() * (-log_vars).exp()
    return -0.5 * (squares + log_vars + math.log(2 * math.pi)).sum(-1)


def responsibilities(z: Tensor, log_weights: Tensor, means: Tensor, log_vars: Tensor) -> Tensor:
    """``log γ_k = log p(c=k|z)``, which stands for ``q(c|x)`` (VaDE, Eq. 16).

    Parameters
    ----------
    z
        Latents, shape ``(..., n_latent)``.
    log_weights
        ``log π``, shape ``(categories,)``.
    means, log_vars
        ``u`` and ``log λ``, shape ``(categories, n_latent)``.

    Returns
    -------
    Log-probabilities, shape ``(..., categories)``.
    """
    return (log_weights + component_log_density(z, means, log_vars)).log_softmax(-1)


def mixture_state_kl(mean: Tensor, log_var: Tensor, log_gamma: Tensor, means: Tensor, log_vars: Tensor) -> Tensor:
    """``Σ_k γ_k D_KL(q(z|x) ‖ N(u_k, λ_k))`` (VaDE, Eq. 12: the second and fifth term).

    Parameters
    ----------
    mean, log_var
        Of ``q(z|x)``, shape ``(..., n_latent)``.
    log_gamma
        ``log γ``, shape ``(..., categories)``.
    means, log_vars
        ``u`` and ``log λ``, shape ``(categories, n_latent)``.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    mean, log_var = mean.unsqueeze(-2), log_var.unsqueeze(-2)  # (..., 1, n_latent)
    squares = (log_var.exp() + (mean - means).square()) * (-log_vars).exp()
    divergence = 0.5 * (log_vars + squares - 1 - log_var).sum(-1)  # (..., categories)
    return (log_gamma.exp() * divergence).sum(-1)


def mixture_category_kl(log_gamma: Tensor, log_weights: Tensor) -> Tensor:
    """``D_KL(γ ‖ π)`` (VaDE, Eq. 12: the third and fourth term).

    Parameters
    ----------
    log_gamma
        ``log γ``, shape ``(..., categories)``.
    log_weights
        ``log π``, shape ``(categories,)``.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    return (log_gamma.exp() * (log_gamma - log_weights)).sum(-1)
