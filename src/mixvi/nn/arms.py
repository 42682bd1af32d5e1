"""Layers that hold the parameters of all arms in one tensor and apply them in one call."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


class ArmLinear(nn.Module):
    """A linear layer for every arm, ``y_a = x_a W_a + b_a``.

    The one place that knows how arms are laid out: on CPU one matrix product per arm (batched products are slower
    there), elsewhere one batched product; with shared parameters one product for all cells of all arms.

    Parameters
    ----------
    n_arms
        Number of arms.
    n_in, n_out
        Input and output features.
    shared
        All arms use the same parameters (the papers' cpl-mixVAE*).
    """

    def __init__(self, n_arms: int, n_in: int, n_out: int, shared: bool = False):
        super().__init__()
        n_weights = 1 if shared else n_arms
        bound = 1 / math.sqrt(n_in)  # torch.nn.Linear's initialisation
        self.weight = nn.Parameter(torch.empty(n_weights, n_in, n_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(n_weights, n_out).uniform_(-bound, bound))

    @property
    def n_in(self) -> int:
        """Input features."""
        return self.weight.shape[1]

    def forward(self, x: Tensor) -> Tensor:
        """Apply each arm's layer to its own input, ``(arms, cells, n_in) -> (arms, cells, n_out)``."""
        if len(self.weight) == 1:
            return F.linear(x, self.weight[0].T, self.bias[0])
        if x.device.type == "cpu":
            return _ProductOfEachArm.apply(x, self.weight, self.bias)
        return torch.baddbmm(self.bias[:, None], x, self.weight)

    def by_group(self, x: Tensor) -> tuple[Tensor, list[int]]:
        """Cells of all arms, ``(arms · cells, n_in)``, and how many go through each of the weights."""
        cells = x.flatten(0, 1)
        return cells, [len(cells) // len(self.weight)] * len(self.weight)

    @torch.no_grad()
    def keep_inputs(self, index: Tensor) -> None:
        """Drop all input features but ``index``."""
        self.weight = nn.Parameter(self.weight[:, index].clone())

    @torch.no_grad()
    def turn_inputs(self, first: int, rotation: Tensor) -> None:
        """Take the inputs from ``first`` on turned by orthogonal matrices ``(arms, n, n)``; the output stays."""
        turned = slice(first, first + rotation.shape[-1])
        self.weight[:, turned] = rotation[: len(self.weight)] @ self.weight[:, turned]

    @torch.no_grad()
    def keep_outputs(self, index: Tensor) -> None:
        """Drop all output features but ``index``."""
        self.weight = nn.Parameter(self.weight[:, :, index].clone())
        self.bias = nn.Parameter(self.bias[:, index].clone())


class _ProductOfEachArm(torch.autograd.Function):
    """One matrix product per arm, each written where it belongs."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        y = x.new_empty(len(x), x.shape[1], weight.shape[2])
        for x_a, w, b, y_a in zip(x, weight, bias, y, strict=True):
            torch.addmm(b, x_a, w, out=y_a)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        (x, weight), (of_x, of_weight, of_bias) = ctx.saved_tensors, ctx.needs_input_grad
        return (
            _products(grad, weight.mT) if of_x else None,
            _products(x.mT, grad) if of_weight else None,
            grad.sum(1) if of_bias else None,
        )


def _products(left: Tensor, right: Tensor) -> Tensor:
    """``left_a @ right_a`` of every arm, ``(arms, n, m), (arms, m, k) -> (arms, n, k)``."""
    out = left.new_empty(len(left), left.shape[1], right.shape[2])
    for left_a, right_a, out_a in zip(left, right, out, strict=True):
        torch.mm(left_a, right_a, out=out_a)
    return out


class ArmLayerNorm(nn.Module):
    """Layer normalisation with an affine map of each arm.

    Normalises a cell by itself, so that results do not depend on the batch a cell arrives in.

    Parameters
    ----------
    n_arms
        Number of arms.
    n_features
        Size of the last axis.
    shared
        All arms use the same affine map.
    """

    def __init__(self, n_arms: int, n_features: int, shared: bool = False):
        super().__init__()
        n_weights = 1 if shared else n_arms
        self.weight = nn.Parameter(torch.ones(n_weights, 1, n_features))
        self.bias = nn.Parameter(torch.zeros(n_weights, 1, n_features))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise over the last axis, ``(arms, cells, features)`` to the same shape."""
        return torch.addcmul(self.bias, F.layer_norm(x, x.shape[-1:]), self.weight)


class ArmBlock(nn.Sequential):
    """Linear, layer normalisation, ReLU and dropout, for every arm.

    Parameters
    ----------
    n_arms, n_in, n_out, shared
        As in :class:`ArmLinear`.
    dropout_rate
        Probability of dropping a hidden unit in training.
    """

    def __init__(self, n_arms: int, n_in: int, n_out: int, shared: bool = False, dropout_rate: float = 0.0):
        super().__init__(
            ArmLinear(n_arms, n_in, n_out, shared),
            ArmLayerNorm(n_arms, n_out, shared),
            nn.ReLU(),
            nn.Dropout(dropout_rate),
        )
