"""Aitchison geometry of the probability simplex, for any number of arms at once.

Log-probabilities everywhere: ``log_q`` has shape ``(arms, cells, categories)``.
"""

import torch
from torch import Tensor


def clr(log_p: Tensor) -> Tensor:
    """Centred log-ratio (supplement Eq. 48): log-probabilities minus their mean.

    Parameters
    ----------
    log_p
        Log-probabilities (a constant added to all of them changes nothing), shape ``(..., categories)``.

    Returns
    -------
    Tensor of the same shape whose last axis sums to zero.

    Examples
    --------
    >>> import torch
    >>> clr(torch.tensor([0.25, 0.75]).log()).sum().abs().item() < 1e-6
    True
    """
    return log_p - log_p.mean(-1, keepdim=True)


def aitchison_distance(log_p: Tensor, log_q: Tensor) -> Tensor:
    """Distance in the simplex (section 3.2): ``‖clr(p) − clr(q)‖₂``.

    Parameters
    ----------
    log_p, log_q
        Log-probabilities, shape ``(..., categories)``.

    Returns
    -------
    Distances, shape ``(...)``.
    """
    return (clr(log_p) - clr(log_q)).norm(dim=-1)


def perturb(log_q: Tensor, mask: Tensor | None = None, eps: float = 1e-6) -> Tensor:
    """Perturbed log-probabilities ``σ_k⁻¹ log q_k`` of section 3.3.

    ``σ_k`` is the standard deviation of category ``k`` over the mini-batch, of each arm. It is not detached: the
    gradient through it rewards an arm for spreading the cells over a category, which is what holds mode collapse off.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    mask
        1 for the cells that an arm sees and 0 for others, shape ``(arms, cells)``; if None, it sees all.
    eps
        Added to the variance, so that a category that no cell uses has a finite weight.

    Returns
    -------
    Tensor of the same shape.
    """
    q = log_q.exp()
    if mask is None:
        variance = q.var(1, keepdim=True, unbiased=False)  # (arms, 1, categories)
    else:
        seen = (mask / mask.sum(1, keepdim=True).clamp_min(1))[..., None]  # (arms, cells, 1)
        mean = (seen * q).sum(1, keepdim=True)
        variance = (seen * (q - mean).square()).sum(1, keepdim=True)
    return log_q * torch.rsqrt(variance + eps)


def pairwise_squared_distance(u: Tensor, mask: Tensor | None = None) -> Tensor:
    """Sum of squared Euclidean distances over all pairs of arms, ``Σ_{a<b} ‖u_a − u_b‖²``.

    Equal to ``A · Σ_a ‖u_a − ū‖²``, so its cost is linear in the number of arms.

    Parameters
    ----------
    u
        Points, shape ``(arms, cells, dimensions)``.
    mask
        1 for the points that count and 0 for others, shape ``(arms, cells)``; if None, all count.

    Returns
    -------
    Sums, shape ``(cells,)``.
    """
    if mask is None:
        return len(u) * (u - u.mean(0)).square().sum((0, -1))
    n = mask.sum(0)
    mean = (mask[..., None] * u).sum(0) / n.clamp_min(1)[:, None]  # (cells, dimensions)
    return n * (mask[..., None] * (u - mean).square()).sum((0, -1))
