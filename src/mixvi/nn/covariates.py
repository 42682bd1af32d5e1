"""Batches and other covariates as numbers, and batches that come after training."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mixvi.nn.arms import ArmLinear


def one_hot_or_average(level: Tensor, n_levels: int) -> Tensor:
    """One-hot rows; a level that is not known is the average of those that are.

    Parameters
    ----------
    level
        Integers from 0, shape ``(cells,)``; known ones are below ``n_levels``.
    n_levels
        Number of known levels.

    Returns
    -------
    Shape ``(cells, n_levels)``; rows sum to one.

    Examples
    --------
    >>> one_hot_or_average(torch.tensor([1, 2]), 2)
    tensor([[0.0000, 1.0000],
            [0.5000, 0.5000]])
    """
    rows = torch.cat([torch.eye(n_levels), torch.full((1, n_levels), 1 / n_levels)])
    return rows.to(level.device)[level.clamp_max(n_levels)]


def indicators(level: Tensor, first: int, n_levels: int) -> Tensor:
    """One-hot rows of the levels from ``first`` on; rows of all other levels are zero.

    Parameters
    ----------
    level
        Integers from 0, shape ``(cells,)``.
    first, n_levels
        The levels are ``first`` to ``first + n_levels - 1``.

    Returns
    -------
    Shape ``(cells, n_levels)``.

    Examples
    --------
    >>> indicators(torch.tensor([1, 2, 3, 4]), 2, 2)
    tensor([[0., 0.],
            [1., 0.],
            [0., 1.],
            [0., 0.]])
    """
    return F.one_hot((level - first).clamp(-1, n_levels) + 1, n_levels + 2)[:, 1:-1].float()


class ExtendedArmLinear(nn.Module):
    """A layer with more inputs, that are learned while it stays as it is (Lotfollahi et al. 2022, scArches).

    Where the new inputs are zero, the output is that of the layer, to the bit.

    Parameters
    ----------
    layer
        The layer; it is frozen.
    n_new
        Number of new inputs, which come last. Their weights start at zero.
    """

    def __init__(self, layer: ArmLinear, n_new: int):
        super().__init__()
        self.layer = layer.requires_grad_(False)
        n_weights, _, n_out = layer.weight.shape
        self.new = nn.Parameter(torch.zeros(n_weights, n_new, n_out))

    def forward(self, x: Tensor) -> Tensor:
        """Apply each arm's layer, ``(arms, cells, n_in + n_new) -> (arms, cells, n_out)``."""
        n_new = self.new.shape[1]
        return self.layer(x[..., :-n_new].contiguous()) + x[..., -n_new:] @ self.new
