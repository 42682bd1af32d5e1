"""Encoder and decoder of the mixture VAE, for all arms at once (graphical model of Fig. 1b)."""

from typing import Any

import torch
from torch import Tensor, nn

from mixvi.nn.arms import ArmBlock, ArmLinear
from mixvi.nn.convolved_arms import ConvolutionalArmDecoder, ConvolutionalArmEncoder
from mixvi.nn.covariates import ExtendedArmLinear

LOG_VAR_RANGE = (-8.0, 4.0)  # keeps exp() and the KL divergence finite


class MixtureEncoder(nn.Module):
    """``q(c|x)`` and ``q(s|c,x)``, from a low-dimensional summary of the cell.

    Parameters
    ----------
    n_in
        Input features of a cell.
    n_covariates
        Features of batch and covariates.
    n_arms, n_categories, n_state, n_hidden, n_bottleneck
        Sizes.
    type_dependent_state
        Whether the state is inferred given the category; False is the papers' ``s∤c``.
    shared, dropout_rate
        As in :class:`~mixvi.nn.arms.ArmBlock`.
    trunk
        What makes the summary instead of two dense layers, such as :class:`~mixvi.nn.ConvolutionalArmEncoder`:
        ``(arms, cells, n_in + n_covariates) -> (arms, cells, trunk.n_out)``.
    """

    def __init__(
        self,
        n_in: int,
        n_covariates: int,
        *,
        n_arms: int,
        n_categories: int,
        n_state: int,
        n_hidden: int,
        n_bottleneck: int,
        type_dependent_state: bool,
        shared: bool,
        dropout_rate: float,
        trunk: ConvolutionalArmEncoder | None = None,
    ):
        super().__init__()
        self.type_dependent_state = type_dependent_state
        n_bottleneck = n_bottleneck if trunk is None else trunk.n_out
        self.hidden = trunk or nn.Sequential(
            ArmBlock(n_arms, n_in + n_covariates, n_hidden, shared, dropout_rate),
            ArmBlock(n_arms, n_hidden, n_bottleneck, shared),
        )
        self.category = ArmLinear(n_arms, n_bottleneck, n_categories, shared)
        self.state = ArmLinear(n_arms, n_bottleneck + n_categories * type_dependent_state, 2 * n_state, shared)

    def summarise(self, x: Tensor, covariates: Tensor) -> Tensor:
        """The bottleneck, ``(arms, cells, n_in), (cells, n_covariates) -> (arms, cells, n_bottleneck)``."""
        return self.hidden(_join(x, covariates))

    def infer_category(self, h: Tensor) -> Tensor:
        """``log q(c|x)``, ``(arms, cells, n_bottleneck) -> (arms, cells, categories)``."""
        return self.category(h).log_softmax(-1)

    def infer_state(self, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``q(s|c,x)``, each ``(arms, cells, n_state)``."""
        if self.type_dependent_state:
            h = torch.cat([h, c], -1)
        mean, log_var = self.state(h).chunk(2, -1)
        return mean, log_var.clamp(*LOG_VAR_RANGE)

    @torch.no_grad()
    def turn_states(self, rotation: Tensor) -> None:
        """Turn the axes of the states by orthogonal matrices ``(arms, n_state, n_state)``.

        Means are turned exactly. Of the variances only the diagonal is known, and logarithms are averaged with the
        squares of the matrix as weights: exact if they are the same in the dimensions that are mixed.
        """
        rotation = rotation[: len(self.state.weight)].mT
        for part in (self.state.weight, self.state.bias[:, None]):  # (arms, n_in, 2 · n_state)
            mean, log_var = part.chunk(2, -1)
            part.copy_(torch.cat([mean @ rotation, log_var @ rotation.square()], -1))

    def add_covariates(self, n_new: int) -> None:
        """Take more covariates, which come last; nothing else is learned from now on."""
        if not isinstance(self.hidden, nn.Sequential):
            raise ValueError("A convolutional model takes no new batches. Train one with network='dense'.")
        self.requires_grad_(False)
        self.hidden[0][0] = ExtendedArmLinear(self.hidden[0][0], n_new)

    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index``."""
        n_before = self.category.weight.shape[-1]
        self.category.keep_outputs(index)
        if self.type_dependent_state:
            n_bottleneck = self.state.weight.shape[1] - n_before
            self.state.keep_inputs(torch.cat([torch.arange(n_bottleneck, device=index.device), n_bottleneck + index]))


class MixtureDecoder(nn.Module):
    """The hidden part of ``p(x|s,c)``; a likelihood head follows.

    Parameters
    ----------
    n_arms, n_categories, n_state, n_covariates, n_hidden
        Sizes.
    shared
        As in :class:`~mixvi.nn.arms.ArmBlock`.
    trunk
        What decodes instead of a dense layer, such as :class:`~mixvi.nn.ConvolutionalArmDecoder`:
        ``(arms, cells, n_categories + n_state + n_covariates)`` to what the head takes.
    """

    def __init__(
        self,
        *,
        n_arms: int,
        n_categories: int,
        n_state: int,
        n_covariates: int,
        n_hidden: int,
        shared: bool,
        trunk: ConvolutionalArmDecoder | None = None,
    ):
        super().__init__()
        self.n_categories = n_categories
        self.hidden = trunk or ArmBlock(n_arms, n_categories + n_state + n_covariates, n_hidden, shared)

    def forward(self, c: Tensor, s: Tensor, covariates: Tensor) -> Tensor:
        """Decode categories and states of shapes ``(arms, cells, …)`` to ``(arms, cells, n_hidden)``."""
        return self.hidden(_join(torch.cat([c, s], -1), covariates))

    def add_covariates(self, n_new: int) -> None:
        """Take more covariates, which come last; nothing else is learned from now on."""
        self.requires_grad_(False)
        self.hidden[0] = ExtendedArmLinear(self.hidden[0], n_new)  # type: ignore[arg-type]

    def turn_states(self, rotation: Tensor) -> None:
        """Turn the axes of the states by orthogonal matrices ``(arms, n_state, n_state)``; what is decoded stays."""
        self._first.turn_inputs(self.n_categories, rotation)

    @property
    def _first(self) -> Any:
        """What takes category, state and covariates."""
        return self.hidden[0] if isinstance(self.hidden, nn.Sequential) else self.hidden

    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index``."""
        first = self._first
        others = torch.arange(self.n_categories, first.n_in, device=index.device)
        first.keep_inputs(torch.cat([index, others]))
        self.n_categories = len(index)


def _join(x: Tensor, covariates: Tensor) -> Tensor:
    """Append the covariates of the cells ``(cells, n)`` to every arm's features ``(arms, cells, m)``."""
    return torch.cat([x, covariates.expand(len(x), -1, -1)], -1)
