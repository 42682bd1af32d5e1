"""Copies that lie between a cell and its near neighbours."""

import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from mixvi.augment.binomial import thin
from mixvi.augment.rows import SparseRows


class Neighbours(nn.Module):
    """Every copy of a cell is mixed with one of its nearest reference cells, in random shares (``"neighbours"``).

    The reference is the sample of training cells that :meth:`fit` is given; it is saved with the model. Neighbours are
    searched on the leading principal components of what the encoders see, where cells of one batch mostly find each
    other. Each copy draws its own neighbour, and its own share of it, uniform in [0, 1]. Counts stay counts: each is
    kept with the probability of its share, and a neighbour of greater depth is thinned to the depth of the cell. Other
    values are averaged.

    Parameters
    ----------
    projection
        What the encoders see, ``(cells, genes) -> (cells, features)``; fitted before :meth:`fit` is called.
    counts
        Whether the values are counts.
    n_neighbors
        Number of nearest reference cells to draw from.
    n_components
        Principal components, at most, in which they are searched.

    Examples
    --------
    >>> neighbours = Neighbours(nn.Identity(), counts=False, n_neighbors=2)
    >>> neighbours.fit(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 9.0], [1.0, 9.0]]))
    >>> bool((neighbours(torch.tensor([[0.5, 9.0]]), 5)[..., 1] == 9).all())
    True
    """

    reconstruct = "copy"

    def __init__(self, projection: nn.Module, counts: bool, n_neighbors: int = 10, n_components: int = 30):
        super().__init__()
        self.projection, self.counts = projection, counts
        self.n_neighbors, self.n_components = n_neighbors, n_components
        self.reference = SparseRows()
        self.register_buffer("axes", torch.empty(0, 0))  # (features, components)
        self.register_buffer("scores", torch.empty(0, 0))  # (reference cells, components)

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Make cells of shape ``(cells, genes)`` the reference."""
        features = self.projection(x)
        n_components = min(self.n_components, *features.shape)
        components = PCA(n_components, random_state=0).fit(features.cpu().numpy()).components_
        self.axes = torch.as_tensor(components.T.copy()).to(features)
        self.scores = features @ self.axes
        self.reference.store(x)

    def nearest(self, x: Tensor) -> Tensor:
        """Positions of the nearest reference cells of the cells ``(cells, genes)``: ``(cells, n_neighbors)``."""
        scores = self.projection(x) @ self.axes
        closeness = scores @ self.scores.T - 0.5 * self.scores.square().sum(1)  # as −½ squared distance
        return closeness.topk(min(self.n_neighbors, len(self.scores)), sorted=False).indices

    @torch.no_grad()
    def forward(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        nearest = self.nearest(x)
        drawn = torch.randint(nearest.shape[1], (n_arms, len(x), 1), device=x.device)
        rows = nearest.expand(n_arms, -1, -1).gather(2, drawn).flatten()
        neighbours = self.reference.take(rows).to(x.dtype).view(n_arms, *x.shape)
        share = torch.rand(n_arms, len(x), 1, dtype=x.dtype, device=x.device)  # of the neighbour
        if self.counts:
            return mix_counts(x.expand_as(neighbours), neighbours, share)
        return torch.lerp(x.expand_as(neighbours), neighbours, share)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        """Make room for the saved reference, whose size is only known now."""
        for name in ("axes", "scores"):
            setattr(self, name, torch.empty_like(state_dict[prefix + name], device=getattr(self, name).device))
        super()._load_from_state_dict(state_dict, prefix, *args)


def mix_counts(x: Tensor, neighbours: Tensor, share: Tensor) -> Tensor:
    """Counts of which about ``1 − share`` are the cell's and the others its neighbour's, at the depth of the cell.

    Parameters
    ----------
    x, neighbours
        Counts, shape ``(..., cells, genes)``.
    share
        Share of the neighbour, shape ``(..., cells, 1)``.

    Returns
    -------
    Binomial draws from ``x`` and ``neighbours``, added: whole numbers, same shape.
    """
    depth = x.sum(-1, keepdim=True) / neighbours.sum(-1, keepdim=True).clamp_min(1)
    return thin(x, 1 - share) + thin(neighbours, share * depth.clamp_max(1))
