"""Types that do not change when a cell changes a little, in whatever direction."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

PROBE = 0.1  # length of the step that the worst direction is found with, relative to the radius


def virtual_adversarial_divergence(
    classify: Callable[[Tensor], Tensor], x: Tensor, log_q: Tensor, radius: float
) -> Tensor:
    """``D_KL(q(c|x) ‖ q(c|x + r))`` for the ``r`` of length ``radius`` that changes the type most.

    Virtual adversarial training (Miyato et al. 2018, Eq. 5-6): the direction comes from one power iteration, and
    ``q(c|x)`` is a target without gradient. For clusterings it was proposed by Hu et al. (2017), as self-augmentation.

    Parameters
    ----------
    classify
        From features ``(arms, cells, features)`` to log-probabilities ``(arms, cells, categories)``.
    x
        Features, shape ``(arms, cells, features)``.
    log_q
        ``classify(x)``.
    radius
        Length of ``r``, in units of the features.

    Returns
    -------
    Divergences in nats, shape ``(arms, cells)``.
    """
    log_q = log_q.detach()
    with torch.enable_grad():
        probe = F.normalize(torch.randn_like(x), dim=-1).requires_grad_()
        (gradient,) = torch.autograd.grad(
            _divergence(log_q, classify(x.detach() + PROBE * radius * probe)).sum(), probe
        )
    worst = radius * F.normalize(gradient, dim=-1)
    return _divergence(log_q, classify(x.detach() + worst))


def _divergence(log_q: Tensor, log_p: Tensor) -> Tensor:
    """``D_KL(q ‖ p)`` of categorical distributions, ``(..., categories) -> (...)``."""
    return (log_q.exp() * (log_q - log_p)).sum(-1)
