"""The negative binomial of cells whose counts a softmax shares out among genes: most of a training step's time."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from mixvi.objective.blocks import cells_at_a_time
from mixvi.objective.coefficient import log_coefficient

ENOUGH = 1e30  # odds beyond which they would be no number soon


def negative_binomial_of_shares(x: Tensor, logits: Tensor, log_theta: Tensor) -> Tensor:
    """Negative binomial with mean ``n softmax(logits)``, where ``n`` is what a cell has counted, at least 1.

    The same as :func:`~mixvi.objective.negative_binomial`, with the gradient by hand: it remembers nothing but its
    inputs, and on a CPU works on as many cells at a time as fit into the cache.

    Parameters
    ----------
    x
        Counts, shape ``(arms, cells, genes)``; not differentiated.
    logits
        Logits of the genes' shares of a cell's counts, same shape.
    log_theta
        Log inverse dispersion of each gene, broadcastable to ``(arms, 1, genes)``.

    Returns
    -------
    Log-probabilities of the cells, shape ``(arms, cells)``; they can be differentiated once.
    """
    log_theta = log_theta.expand(len(x), 1, -1)
    return _LogKernel.apply(x, logits, log_theta) + log_coefficient(x, log_theta)


class _LogKernel(torch.autograd.Function):
    """:func:`log_kernel` of all cells."""

    @staticmethod
    def forward(ctx, x: Tensor, logits: Tensor, log_theta: Tensor) -> Tensor:
        ctx.save_for_backward(x, logits, log_theta)
        value = x.new_empty(x.shape[:2])
        for arms, cells in _blocks(x):
            value[arms, cells] = log_kernel(x[arms, cells], logits[arms, cells], log_theta[arms])
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[None, Tensor, Tensor]:
        x, logits, log_theta = ctx.saved_tensors
        of_logits, of_theta = torch.empty_like(logits), torch.zeros_like(log_theta)
        for arms, cells in _blocks(x):
            parts = gradient(grad[arms, cells], x[arms, cells], logits[arms, cells], log_theta[arms])
            of_logits[arms, cells] = parts[0]
            of_theta[arms] += parts[1]
        return None, of_logits, of_theta


def log_kernel(x: Tensor, logits: Tensor, log_theta: Tensor) -> Tensor:
    """``x log p + θ log(1 − p)``, ``p = μ/(μ+θ)``, summed over genes: what is left without the coefficient."""
    total = x.sum(-1, keepdim=True).clamp_min(1)
    log_odds = logits.log_softmax(-1).add_(total.log()).sub_(log_theta)  # log μ/θ
    loss = F.softplus(log_odds)  # −log(1 − p)
    return log_odds.sub_(loss).mul_(x).sum(-1) - (loss @ log_theta.exp().mT).squeeze(-1)


def gradient(weight: Tensor, x: Tensor, logits: Tensor, log_theta: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of ``Σ weight · log_kernel`` with respect to ``logits`` and ``log_theta``."""
    weight, theta, share = weight.unsqueeze(-1), log_theta.exp(), logits.softmax(-1)
    total = x.sum(-1, keepdim=True).clamp_min(1)
    odds = (share * total).div_(theta).clamp_max_(ENOUGH)  # μ/θ
    work = odds.log1p()  # −log(1 − p)
    of_theta = -theta * (weight.mT @ work)  # (..., 1, genes)
    p = odds.div_(torch.add(odds, 1, out=work))
    of_log_mu = torch.add(x, theta, out=work).mul_(p).sub_(x).mul_(-weight)  # x − (x + θ) p
    of_theta -= of_log_mu.sum(-2, keepdim=True)
    return of_log_mu.sub_(share.mul_(of_log_mu.sum(-1, keepdim=True))), of_theta


def _blocks(x: Tensor) -> Iterator[tuple[slice, slice]]:
    """Arms and cells of each block of ``x``, shape ``(arms, cells, genes)``."""
    n_arms, n_cells, _ = x.shape
    size = cells_at_a_time(x)
    arms_at_a_time = max(1, size // max(1, n_cells))
    for arm in range(0, n_arms, arms_at_a_time):
        for cell in range(0, n_cells, size):
            yield slice(arm, arm + arms_at_a_time), slice(cell, cell + size)
