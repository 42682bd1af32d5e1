"""Divergences that are held at a capacity, which grows in training (Dupont 2018, JointVAE)."""

import math

from torch import Tensor


def linear_capacity(step: int, low: float, high: float, n_steps: float, ceiling: float = math.inf) -> float:
    """Capacity ``C`` at a training step: from ``low`` to ``high`` in ``n_steps``, then constant.

    Parameters
    ----------
    step
        Training steps done.
    low, high
        Capacities at the start and at the end, in nats.
    n_steps
        Steps in which it grows.
    ceiling
        What the divergence can be at most: ``log K`` for a category.

    Returns
    -------
    The capacity, in nats.

    Examples
    --------
    >>> linear_capacity(500, 0.0, 5.0, 1000)
    2.5
    """
    share = min(1.0, step / n_steps) if n_steps > 0 else 1.0
    return min(low + (high - low) * share, ceiling)


def capacity_loss(
    reconstruction: Tensor,
    state_kl: Tensor,
    category_kl: Tensor,
    state_capacity: float,
    category_capacity: float,
    weight: float,
) -> Tensor:
    """JointVAE's loss, ``−log p(x|s,c) + γ |D_s − C_s| + γ |D_c − C_c|`` (Dupont 2018, Eq. 7).

    Divergences are averaged over the batch before they are compared with their capacity.

    Parameters
    ----------
    reconstruction
        ``−log p(x|s,c)``, shape ``(cells,)``.
    state_kl, category_kl
        ``D_KL(q(s|x) ‖ p(s))`` and ``D_KL(q(c|x) ‖ p(c))``, same shape.
    state_capacity, category_capacity
        ``C_s`` and ``C_c``, in nats.
    weight
        ``γ``.

    Returns
    -------
    Scalar loss, the average over the cells.
    """
    held = (state_kl.mean() - state_capacity).abs() + (category_kl.mean() - category_capacity).abs()
    return reconstruction.mean() + weight * held
