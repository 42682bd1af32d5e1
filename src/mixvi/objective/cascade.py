"""How the continuous latents of CascadeVAE are opened one after the other (Jeong and Song 2019)."""

import torch
from torch import Tensor


def opened_dimensions(step: int, stage_steps: float, n_state: int, warmup_stages: int = 4) -> int:
    """How many state dimensions are open at a step: one more in each stage; the category opens in one stage, too.

    In stage ``t`` of the warm-up ``min(t+1, n_state)``, later ``min(t, n_state)``.

    Parameters
    ----------
    step
        Training steps done.
    stage_steps
        Steps of a stage.
    n_state
        Dimensions of the state.
    warmup_stages
        Stages without a category.

    Returns
    -------
    The number.

    Examples
    --------
    >>> [opened_dimensions(step, 10, 6) for step in (0, 10, 39, 40, 50, 60, 70)]
    [1, 2, 4, 4, 5, 6, 6]
    """
    stage = int(step // stage_steps)
    return min(stage + (stage < warmup_stages), n_state)


def cascade_weights(n_open: int, n_state: int, low: float = 0.1, high: float = 10.0) -> Tensor:
    """Weight ``β_j`` of the divergence of each state dimension: ``low`` for those that are open, ``high`` for others.

    Parameters
    ----------
    n_open
        Open dimensions, the first ones.
    n_state
        Dimensions of the state.
    low, high
        The weights.

    Returns
    -------
    Shape ``(n_state,)``.

    Examples
    --------
    >>> cascade_weights(1, 3)
    tensor([ 0.1000, 10.0000, 10.0000])
    """
    return torch.where(torch.arange(n_state) < n_open, low, high)
