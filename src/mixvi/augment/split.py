"""Augmenters that split a cell among the arms, so that what one arm sees no other arm sees."""

import torch
from torch import Tensor, nn

from mixvi.augment.binomial import halve, thin
from mixvi.objective.nonzero import nonzero_positions


class CountSplit:
    """Deal every count at random to one of the arms (``"thinning"``).

    With Poisson counting noise the copies are independent given the cell's true expression: the assumption of
    Proposition 1, at no training cost. Drawn anew at every step.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[5.0, 0.0, 2.0]])
    >>> bool((CountSplit()(x, 3).sum(0) == x).all())
    True
    """

    reconstruct = "copy"

    def __call__(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` that add up to the counts ``x``, shape ``(cells, genes)``."""
        counts = x.reshape(-1)
        index = nonzero_positions(counts)  # zeros need no dealing
        copies = x.new_zeros(n_arms, *x.shape)
        for copy, share in zip(copies, deal(counts.index_select(0, index), n_arms), strict=True):
            copy.view(-1).index_copy_(0, index, share)
        return copies


def deal(counts: Tensor, n_arms: int) -> list[Tensor]:
    """Deal every counted molecule to one of the arms at random.

    Parameters
    ----------
    counts
        Counts, any shape.
    n_arms
        Number of arms.

    Returns
    -------
    What each arm gets, of the same shape: together they are ``counts``.
    """
    if n_arms == 1:
        return [counts]
    if n_arms % 2 == 0:  # coins are tossed faster than other binomial numbers are drawn
        half = halve(counts)
        return deal(half, n_arms // 2) + deal(counts - half, n_arms // 2)
    first = thin(counts, counts.new_tensor(1 / n_arms))
    return [first, *deal(counts - first, n_arms - 1)]


class GeneSplit(nn.Module):
    """Deal the genes of every cell at random to the arms (``"gene_split"``), for values that are not counts.

    An arm sees its own genes, and the others at their average; it reconstructs the whole cell. Genes are independent
    given type and state in the model, so the copies are independent too. Deviations from the average are multiplied
    by the number of arms, so that linear projections keep their expectation.

    Parameters
    ----------
    n_genes
        Number of genes.
    """

    reconstruct = "original"
    average: Tensor  # (genes,)

    def __init__(self, n_genes: int):
        super().__init__()
        self.register_buffer("average", torch.zeros(n_genes))

    def fit(self, x: Tensor) -> None:
        """Take each gene's average from cells of shape ``(cells, genes)``."""
        self.average.copy_(x.mean(0))

    def forward(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        owner = torch.randint(n_arms, x.shape, device=x.device)
        mine = owner == torch.arange(n_arms, device=x.device)[:, None, None]  # (arms, cells, genes)
        return torch.where(mine, self.average + n_arms * (x - self.average), self.average)


def no_copies(x: Tensor, n_arms: int) -> Tensor:
    """Show every arm the cell itself (``"none"``)."""
    return x.expand(n_arms, *x.shape)
