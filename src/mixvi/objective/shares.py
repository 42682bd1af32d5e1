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
    """:func:`log_kernel` of all cells, which is computed together with its gradients."""

    @staticmethod
    def forward(ctx, x: Tensor, logits: Tensor, log_theta: Tensor) -> Tensor:
        value = x.new_empty(x.shape[:2])
        if not any(ctx.needs_input_grad):
            for here in _blocks(x):
                value[here] = log_kernel(x[here], logits[here], log_theta[here[0]])
            return value
        of_logits, of_theta = torch.empty_like(logits), torch.empty_like(logits)
        for here in _blocks(x):
            value[here] = log_kernel_with_gradients(
                x[here], logits[here], log_theta[here[0]], of_logits[here], of_theta[here]
            )
        ctx.save_for_backward(of_logits, of_theta)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx, weight: Tensor) -> tuple[None, Tensor, Tensor]:
        (of_logits, of_theta), weight = ctx.saved_tensors, weight.unsqueeze(-1)
        return None, of_logits * weight, weight.mT @ of_theta


def log_kernel(x: Tensor, logits: Tensor, log_theta: Tensor) -> Tensor:
    """``x log p + θ log(1 − p)``, ``p = μ/(μ+θ)``, summed over genes: what is left without the coefficient."""
    log_odds = logits.log_softmax(-1).add_(_total(x).log()).sub_(log_theta)  # log μ/θ
    loss = F.softplus(log_odds)  # −log(1 − p)
    return log_odds.sub_(loss).mul_(x).sum(-1) - (loss @ log_theta.exp().mT).squeeze(-1)


def log_kernel_with_gradients(
    x: Tensor, logits: Tensor, log_theta: Tensor, of_logits: Tensor, of_theta: Tensor
) -> Tensor:
    """:func:`log_kernel`; each gene's gradients go into ``of_logits``, and ``of_theta`` with respect to its log."""
    theta, total, share = log_theta.exp(), _total(x), logits.softmax(-1)
    log_sum = logits.amax(-1, keepdim=True) - share.amax(-1, keepdim=True).log()  # of the logits' exponentials
    odds = (share * total).div_(theta).clamp_max_(ENOUGH)  # μ/θ
    loss = odds.log1p()  # −log(1 − p)
    power = (logits - log_theta).sub_(log_sum - total.log()).sub_(loss).mul_(x)  # x log p
    torch.mul(loss, -theta, out=of_theta)  # θ log(1 − p)
    value = power.sum(-1) + of_theta.sum(-1)
    p = odds.div_(odds + 1)
    of_log_mu = torch.add(x, theta, out=power).mul_(p).neg_().add_(x)  # x − (x + θ) p
    of_theta -= of_log_mu
    torch.sub(of_log_mu, share.mul_(of_log_mu.sum(-1, keepdim=True)), out=of_logits)
    return value


def _total(x: Tensor) -> Tensor:
    """What each cell has counted, at least 1: ``(..., cells, 1)``."""
    return x.sum(-1, keepdim=True).clamp_min(1)


def _blocks(x: Tensor) -> Iterator[tuple[slice, slice]]:
    """Arms and cells of each block of ``x``, shape ``(arms, cells, genes)``."""
    n_arms, n_cells, _ = x.shape
    size = cells_at_a_time(x)
    arms_at_a_time = max(1, size // max(1, n_cells))
    for arm in range(0, n_arms, arms_at_a_time):
        for cell in range(0, n_cells, size):
            yield slice(arm, arm + arms_at_a_time), slice(cell, cell + size)
