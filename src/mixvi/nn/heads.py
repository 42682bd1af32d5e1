"""Likelihood heads: from the decoder's last hidden layer to ``log p(x|s,c)`` of a cell.

Their output layers are those of arms, or what ``layer(n_hidden, n_genes)`` makes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mixvi.nn.arms import ArmLinear
from mixvi.nn.sparse import SparseCells
from mixvi.objective import likelihood, negative_binomial_of_layer

Layer = Callable[[int, int], Any]  # with a bias


class NegativeBinomialHead(nn.Module):
    """Counts: library size times a softmax over genes, with a dispersion of each gene.

    Parameters
    ----------
    n_arms, n_hidden, n_genes, shared
        As in :class:`~mixvi.nn.arms.ArmLinear`.
    layer
        Makes an output layer from the numbers of hidden units and genes; one of each arm if None.
    """

    counts = True

    def __init__(self, n_arms: int, n_hidden: int, n_genes: int, shared: bool = False, layer: Layer | None = None):
        super().__init__()
        layer = layer or partial(ArmLinear, n_arms, shared=shared)
        self.rate = layer(n_hidden, n_genes)
        self.log_theta = nn.Parameter(torch.ones(1 if shared else n_arms, 1, n_genes))

    @torch.no_grad()
    def start_at(self, location: Tensor, scale: Tensor) -> None:
        """Start from the average cell; ``location`` is each gene's share of the counts."""
        self.rate.bias.copy_(location.clamp_min(1e-8).log().expand_as(self.rate.bias))

    def log_scale(self, h: Tensor) -> Tensor:
        """Log share of each gene, ``(arms, cells, n_hidden) -> (arms, cells, genes)``."""
        return self.rate(h).log_softmax(-1)

    def mean(self, h: Tensor, library_size: float | Tensor = 1.0) -> Tensor:
        """Expected counts at one library size or ``(cells, 1)``, without additional zeros: ``(arms, cells, genes)``."""
        return self.log_scale(h).exp() * library_size

    def log_mean(self, h: Tensor, x: Tensor) -> Tensor:
        """Log expected counts of cells with the library size of ``x``, ``(arms, cells, genes)``."""
        return self.log_scale(h) + x.sum(-1, keepdim=True).clamp_min(1).log()

    def log_prob(self, h: Tensor, x: Tensor | SparseCells) -> Tensor:
        """``log p(x|h)`` of counts, given their observed library size: ``(arms, cells)``.

        Parameters
        ----------
        h
            Shape ``(arms, cells, n_hidden)``, or routed to experts.
        x
            Counts, shape ``(arms, cells, genes)``, or as sparse cells of which those of the first arm come first.
        """
        layer, theta = self.rate, self.log_theta
        if theta.device.type != "cpu" or theta.dtype != torch.float32:
            x = _dense(x, h)
            return likelihood.negative_binomial(x, self.log_mean(h, x), theta)
        counts = (x.values, x.columns, x.starts) if isinstance(x, SparseCells) else x.flatten(0, 1)
        cells, sizes = layer.by_group(h)
        value = negative_binomial_of_layer(counts, cells, sizes, layer.weight, layer.bias, theta[:, 0])
        return value.view((len(h), -1) if isinstance(x, SparseCells) else x.shape[:2])

    def sample(self, h: Tensor, library: Tensor) -> Tensor:
        """Counts of cells of library sizes ``(cells, 1)``, ``(arms, cells, genes)``."""
        mean = self.mean(h, library)
        theta = self.log_theta.exp().expand_as(mean)
        return torch.poisson(torch._standard_gamma(theta) * mean / theta)


class ZeroInflatedNegativeBinomialHead(NegativeBinomialHead):
    """:class:`NegativeBinomialHead` with additional zeros."""

    def __init__(self, n_arms: int, n_hidden: int, n_genes: int, shared: bool = False, layer: Layer | None = None):
        super().__init__(n_arms, n_hidden, n_genes, shared, layer)
        layer = layer or partial(ArmLinear, n_arms, shared=shared)
        self.dropout = layer(n_hidden, n_genes)

    @torch.no_grad()
    def start_at(self, location: Tensor, scale: Tensor) -> None:
        """Start from the average cell, with few additional zeros."""
        super().start_at(location, scale)
        self.dropout.bias.fill_(-3)

    def log_prob(self, h: Tensor, x: Tensor | SparseCells) -> Tensor:
        """As for counts without additional zeros."""
        x = _dense(x, h)
        return likelihood.zero_inflated_negative_binomial(x, self.log_mean(h, x), self.log_theta, self.dropout(h))

    def sample(self, h: Tensor, library: Tensor) -> Tensor:
        """As for counts without additional zeros, some of which become zero."""
        counts = super().sample(h, library)
        return counts * torch.bernoulli((-self.dropout(h)).sigmoid())


def _dense(x: Tensor | SparseCells, h: Tensor) -> Tensor:
    """Counts of the cells of all arms, ``(arms, cells, genes)``."""
    return x.dense().view(len(h), -1, x.n_genes) if isinstance(x, SparseCells) else x


class GaussianHead(nn.Module):
    """Continuous values: a mean from the decoder, with a standard deviation of each gene.

    Parameters
    ----------
    n_arms, n_hidden, n_genes, shared
        As in :class:`~mixvi.nn.arms.ArmLinear`.
    layer
        Makes an output layer from the numbers of hidden units and genes; one of each arm if None.
    """

    counts = False

    def __init__(self, n_arms: int, n_hidden: int, n_genes: int, shared: bool = False, layer: Layer | None = None):
        super().__init__()
        layer = layer or partial(ArmLinear, n_arms, shared=shared)
        self.location = layer(n_hidden, n_genes)
        self.log_scale = nn.Parameter(torch.zeros(1 if shared else n_arms, 1, n_genes))
        self.register_buffer("unit", torch.ones(n_genes))  # the layer works in units of each gene's spread

    @torch.no_grad()
    def start_at(self, location: Tensor, scale: Tensor) -> None:
        """Start from the average cell; ``location`` and ``scale`` are each gene's mean and standard deviation."""
        self.unit.copy_(scale)
        self.location.bias.copy_((location / scale).expand_as(self.location.bias))
        self.log_scale.copy_(scale.log().expand_as(self.log_scale))

    def mean(self, h: Tensor, library_size: float | Tensor = 1.0) -> Tensor:
        """Expected values, ``(arms, cells, n_hidden) -> (arms, cells, genes)``; they have no library size."""
        return self.location(h) * self.unit

    def log_prob(self, h: Tensor, x: Tensor) -> Tensor:
        """``log p(x|h)`` of values ``(arms, cells, genes)``: ``(arms, cells)``."""
        return likelihood.gaussian(x, self.mean(h), self.log_scale)

    def sample(self, h: Tensor, library: Tensor) -> Tensor:
        """Values with their noise, ``(arms, cells, genes)``."""
        mean = self.mean(h)
        return mean + self.log_scale.exp() * torch.randn_like(mean)


class BernoulliHead(nn.Module):
    """Values in [0, 1], such as the pixels of an image: a probability from the decoder.

    Parameters
    ----------
    n_arms, n_hidden, n_genes, shared
        As in :class:`~mixvi.nn.arms.ArmLinear`.
    layer
        Makes an output layer from the numbers of hidden units and genes; one of each arm if None.
    """

    counts = False

    def __init__(self, n_arms: int, n_hidden: int, n_genes: int, shared: bool = False, layer: Layer | None = None):
        super().__init__()
        layer = layer or partial(ArmLinear, n_arms, shared=shared)
        self.logits = layer(n_hidden, n_genes)

    @torch.no_grad()
    def start_at(self, location: Tensor, scale: Tensor) -> None:
        """Start from the average image; ``location`` is each pixel's mean."""
        self.logits.bias.copy_(location.clamp(1e-3, 1 - 1e-3).logit().expand_as(self.logits.bias))

    def mean(self, h: Tensor, library_size: float | Tensor = 1.0) -> Tensor:
        """Expected values, ``(arms, cells, n_hidden) -> (arms, cells, genes)``; they have no library size."""
        return self.logits(h).sigmoid()

    def log_prob(self, h: Tensor, x: Tensor) -> Tensor:
        """``log p(x|h)`` of values ``(arms, cells, genes)``: ``(arms, cells)``."""
        return likelihood.bernoulli(x, self.logits(h))

    def sample(self, h: Tensor, library: Tensor) -> Tensor:
        """Zeros and ones, ``(arms, cells, genes)``."""
        return torch.bernoulli(self.mean(h))


HEADS = {
    "nb": NegativeBinomialHead,
    "zinb": ZeroInflatedNegativeBinomialHead,
    "normal": GaussianHead,
    "bernoulli": BernoulliHead,
}
