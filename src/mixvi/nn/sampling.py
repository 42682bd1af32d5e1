"""From what a decoder gives to expected and to drawn values."""

import torch
from torch import Tensor, nn

from mixvi.nn.heads import BernoulliHead, GaussianHead, ZeroInflatedNegativeBinomialHead


def expected_values(head: nn.Module, h: Tensor, library: Tensor) -> Tensor:
    """``E x`` under ``p(x|h)``.

    Parameters
    ----------
    head
        A likelihood head.
    h
        What it takes, shape ``(arms, cells, n_hidden)``.
    library
        Total counts of the cells, ``(cells, 1)``; without effect unless values are counts.

    Returns
    -------
    Shape ``(arms, cells, genes)``.
    """
    if not head.counts:
        return head.mean(h)
    mean = head.log_scale(h).exp() * library
    if isinstance(head, ZeroInflatedNegativeBinomialHead):
        mean = mean * (-head.dropout(h)).sigmoid()
    return mean


def sample_values(head: nn.Module, h: Tensor, library: Tensor) -> Tensor:
    """Draw ``x ~ p(x|h)``.

    Parameters
    ----------
    head, h, library
        As in :func:`expected_values`.

    Returns
    -------
    Shape ``(arms, cells, genes)``.
    """
    if isinstance(head, GaussianHead):
        mean = head.mean(h)
        return mean + torch.randn_like(mean) * head.log_scale.exp()
    if isinstance(head, BernoulliHead):
        return torch.bernoulli(head.mean(h))
    theta = head.log_theta.exp()
    mean = head.log_scale(h).exp() * library
    rate = torch.distributions.Gamma(theta.expand_as(mean), theta / mean.clamp_min(1e-12)).sample()
    counts = torch.poisson(rate)
    if isinstance(head, ZeroInflatedNegativeBinomialHead):
        counts = counts * torch.bernoulli((-head.dropout(h)).sigmoid())
    return counts
