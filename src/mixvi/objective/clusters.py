"""The Gaussian mixture that the latent representation is to follow: ``z ~ Σ_k ω_k N(μ_k, I)`` (Eq. 1)."""

import torch
from torch import Tensor


def cluster_means(p: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Centre ``μ_k = 1/N_k Σ_i p_ik z_i`` and size ``N_k = Σ_i p_ik`` of every cluster (Eq. 6).

    The paper counts the most probable cells in ``N_k``, but sums over all: no mean where cells are undecided. Here
    ``p`` is the same in both. The model passes ones and zeros, the cells that an expert decodes: of a rare
    category, cells that are a little of it, but many, would draw the centre away.

    Parameters
    ----------
    p
        ``p_ik``, shape ``(cells, categories)``.
    z
        Latent representation, shape ``(cells, latents)``.

    Returns
    -------
    ``(categories, latents)`` and ``(categories,)``; an empty cluster has its centre at 0.
    """
    size = p.sum(0)
    return p.T @ z / size.clamp_min(1e-8)[:, None], size


def cluster_variances(p: Tensor, mean: Tensor, variance: Tensor, centres: Tensor) -> Tensor:
    """Diagonal ``σ_kj²`` of every cluster's covariance ``Σ_1`` (Eq. 3), by the law of total variance.

    The average variance of a cell's latent and the spread of the cells about the centre, rather than the spread of
    samples: the same in expectation, with less noise.

    Parameters
    ----------
    p
        ``p_ik``, shape ``(cells, categories)``.
    mean, variance
        Of ``q(z|x)``, shape ``(cells, latents)``.
    centres
        ``μ_k``, shape ``(categories, latents)``.

    Returns
    -------
    Shape ``(categories, latents)``; 1 in an empty cluster.
    """
    size = p.sum(0)[:, None]
    second = p.T @ (mean.square() + variance) - 2 * centres * (p.T @ mean) + size * centres.square()
    return torch.where(size > 1e-8, second / size.clamp_min(1e-8), 1.0)


def covariance_kl(variances: Tensor, shares: Tensor) -> Tensor:
    """``Σ_k ω_k D_KL(N(μ_k, I) ‖ N(μ_k, Σ_k))``: clusters are to have the covariance ``I`` (Eq. 3).

    Clusters count with their share of the cells, for the variance of a handful of cells says little.

    Parameters
    ----------
    variances
        Diagonals of ``Σ_k``, shape ``(categories, latents)``.
    shares
        ``ω_k``, shape ``(categories,)``.

    Returns
    -------
    Scalar, in nats.
    """
    variances = variances.clamp_min(1e-4)
    return (shares * 0.5 * (1 / variances - 1 + variances.log()).sum(-1)).sum()


def component_kl(mean: Tensor, log_var: Tensor, centre: Tensor) -> Tensor:
    """``D_KL(q(z|x) ‖ N(μ_k, I))`` of each cell and its component: Eq. 2 for the posterior of a single cell.

    Parameters
    ----------
    mean, log_var
        Of ``q(z|x)``, shape ``(..., latents)``.
    centre
        ``μ_k`` of the cell's category, same shape.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    return 0.5 * ((mean - centre).square() + log_var.exp() - log_var - 1).sum(-1)
