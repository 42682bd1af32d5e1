"""One decoder for each category, which sees the cells of that category and no others."""

import math
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mixvi.nn.heads import HEADS


class Routed(NamedTuple):
    """Rows sorted by expert: what the layers of experts pass on.

    Parameters
    ----------
    rows
        Shape ``(cells, features)``, the cells of the first expert first.
    sizes
        Number of cells of each expert.
    """

    rows: Tensor
    sizes: list[int]


class ExpertLinear(nn.Module):
    """A linear layer for every expert, ``y_i = x_i W_k + b_k`` for the expert ``k`` of cell ``i``.

    One product for each expert that has cells: as much work as one layer that decodes all cells, however many experts
    there are.

    Parameters
    ----------
    n_experts
        Number of experts.
    n_in, n_out
        Input and output features.
    """

    def __init__(self, n_experts: int, n_in: int, n_out: int):
        super().__init__()
        bound = 1 / math.sqrt(n_in)  # torch.nn.Linear's initialisation
        self.weight = nn.Parameter(torch.empty(n_experts, n_in, n_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(n_experts, n_out).uniform_(-bound, bound))

    def forward(self, x: Routed) -> Tensor:
        """Apply each expert's layer to its rows, ``(cells, n_in) -> (1, cells, n_out)``; the axis is that of arms."""
        parts = enumerate(x.rows.split(x.sizes))
        return torch.cat([torch.addmm(self.bias[k], rows, self.weight[k]) for k, rows in parts if len(rows)])[None]

    def by_group(self, x: Routed) -> tuple[Tensor, list[int]]:
        """The rows, ``(cells, n_in)``, and how many go through each expert."""
        return x

    @torch.no_grad()
    def keep_experts(self, index: Tensor) -> None:
        """Drop all experts but ``index``."""
        self.weight = nn.Parameter(self.weight[index].clone())
        self.bias = nn.Parameter(self.bias[index].clone())


class Experts(nn.Module):
    """K decoders of one hidden layer each, followed by a likelihood head whose output layers are theirs, too.

    Dispersions and noise of the genes are common to all experts.

    Parameters
    ----------
    n_experts
        Number of experts ``K``.
    n_in, n_hidden, n_genes
        Sizes.
    likelihood
        Name of the head, see ``mixvi.nn.HEADS``.
    """

    def __init__(self, n_experts: int, n_in: int, n_hidden: int, n_genes: int, likelihood: str):
        super().__init__()
        self.n_experts = n_experts
        self.hidden = ExpertLinear(n_experts, n_in, n_hidden)
        self.norm = nn.LayerNorm(n_hidden)
        self.head = HEADS[likelihood](1, n_hidden, n_genes, layer=partial(ExpertLinear, n_experts))

    def route(self, z: Tensor, expert: Tensor) -> tuple[Routed, Tensor]:
        """Sort cells by expert: hidden units ``(cells, n_hidden)`` of sorted cells, and the order, ``(cells,)``.

        Parameters
        ----------
        z
            What is decoded, shape ``(cells, n_in)``.
        expert
            The expert of each cell, integers, shape ``(cells,)``.
        """
        order = expert.argsort(stable=True)
        sizes = torch.bincount(expert, minlength=self.n_experts).tolist()
        return Routed(F.relu(self.norm(self.hidden(Routed(z[order], sizes))[0])), sizes), order

    def log_prob(self, z: Tensor, expert: Tensor, x: Tensor) -> Tensor:
        """``log p(x|z)`` of cells ``(cells, genes)`` by their experts: ``(cells,)``."""
        h, order = self.route(z, expert)
        return _unsorted(self.head.log_prob(h, x[None, order])[0], order)

    def decode(self, z: Tensor, expert: Tensor, library: Tensor, noise: bool = False) -> Tensor:
        """Expected or, with ``noise``, sampled values ``(cells, genes)``.

        Parameters
        ----------
        z, expert
            As in :meth:`route`.
        library
            Library size of counts, shape ``(cells, 1)``.
        noise
            Sample from the likelihood.
        """
        h, order = self.route(z, expert)
        values = (self.head.sample if noise else self.head.mean)(h, library[order])[0]
        return _unsorted(values, order)

    def keep_experts(self, index: Tensor) -> None:
        """Drop all experts but ``index``."""
        for layer in self.modules():
            if isinstance(layer, ExpertLinear):
                layer.keep_experts(index)
        self.n_experts = len(index)


def _unsorted(values: Tensor, order: Tensor) -> Tensor:
    """Values of the cells in the order in which these came."""
    return torch.empty_like(values).index_copy(0, order, values)
