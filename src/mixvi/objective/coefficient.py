"""The coefficient of the negative binomial: what depends on a count and a dispersion alone.

It is 1 of a zero, and looked up in a table for other small counts: exact, and much cheaper than log-gammas.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mixvi.objective.nonzero import nonzero_positions

TABULATED = 64  # counts below; most counts of single cells are


def log_coefficient(x: Tensor, log_theta: Tensor) -> Tensor:
    """Log of the negative binomial's coefficient ``Γ(x+θ) / (Γ(θ) x!)``, summed over genes.

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
    n_genes = x.shape[-1]
    log_theta = log_theta.expand(*x.shape[:-2], 1, n_genes).reshape(-1, n_genes)  # (arms, genes)
    flat = x.reshape(-1)
    index = nonzero_positions(flat)
    count = flat.index_select(0, index)
    cell = torch.div(index, n_genes, rounding_mode="floor")
    arm = torch.div(cell, max(1, x.shape[-2]), rounding_mode="floor")
    gene = torch.remainder(index, n_genes) + arm * n_genes  # of its arm
    small = count.clamp_max(TABULATED - 1).floor_()
    value = small_coefficients(log_theta).take(small.long() * log_theta.numel() + gene)
    broken = (small != count).nonzero().squeeze(-1)  # a large count, or no whole number
    if len(broken):
        theta = log_theta.reshape(-1)[gene[broken]].exp()
        value = value.index_add(0, broken, _log_ratio(count[broken], small[broken], theta))
    return torch.zeros_like(flat[:1]).expand(x.shape[:-1].numel()).index_add(0, cell, value).reshape(x.shape[:-1])


def small_coefficients(log_theta: Tensor, n_counts: int = TABULATED) -> Tensor:
    """Log-coefficients of the counts below ``n_counts``: ``log Π_{j<x} (θ+j)/(j+1)``, shape ``(counts, …, genes)``.

    Examples
    --------
    >>> small_coefficients(torch.tensor([2.0]).log(), 3).exp()  # 1, θ, θ (θ + 1) / 2
    tensor([[1.0000],
            [2.0000],
            [3.0000]])
    """
    below = _below(log_theta, n_counts)  # j
    return _from_zero(((log_theta.exp() + below) / (below + 1)).log())


def small_slopes(log_theta: Tensor, n_counts: int = TABULATED) -> Tensor:
    """Derivatives of :func:`small_coefficients` with respect to log θ, ``Σ_{j<x} θ/(θ+j)``, of the same shape."""
    theta = log_theta.exp()
    return _from_zero(theta / (theta + _below(log_theta, n_counts)))


def _below(log_theta: Tensor, n_counts: int) -> Tensor:
    """0, 1, … below the largest count, as an axis in front of those of ``log_theta``."""
    numbers = torch.arange(n_counts - 1, dtype=log_theta.dtype, device=log_theta.device)
    return numbers.view(-1, *[1] * log_theta.dim())


def _from_zero(terms: Tensor) -> Tensor:
    """Sums over the first 0, 1, … terms."""
    return F.pad(terms.cumsum(0), (0, 0) * (terms.dim() - 1) + (1, 0))


def _log_ratio(count: Tensor, tabulated: Tensor, theta: Tensor) -> Tensor:
    """Log-coefficient of a count less that of the one that was looked up in its stead."""
    value = torch.lgamma(count + theta) - torch.lgamma(tabulated + theta)
    return value - torch.lgamma(count + 1) + torch.lgamma(tabulated + 1)
