"""Cells that lack a modality, and the arms that do not see them."""

import torch
from torch import Tensor


def cells_with_values(x: Tensor) -> Tensor:
    """Which cells have a modality: those that lack it are rows of zeros, and no other cells are.

    Parameters
    ----------
    x
        Values, shape ``(cells, features)``.

    Returns
    -------
    Boolean, shape ``(cells,)``.
    """
    return (x != 0).any(-1)


def follow_others(log_q: Tensor, present: Tensor) -> Tensor:
    """Let arms that do not see a cell say what the others say, by their normalised geometric mean.

    The joint posterior ``q(c|x_1..x_A) ∝ Π_a q(c|x_a)`` (section 3.1) is then that of the arms that see the cell.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    present
        Which arms see which cells, boolean, shape ``(arms, cells)``; at least one sees each.

    Returns
    -------
    Log-probabilities, same shape; without gradient where an arm does not see a cell.
    """
    weight = present / present.sum(0)
    joint = (weight[..., None] * log_q).sum(0).log_softmax(-1)  # (cells, categories)
    return torch.where(present[..., None], log_q, joint.detach())
