"""Centres of the clusters, followed while the encoder moves."""

import torch
from torch import Tensor, nn

from mixvi.objective import cluster_means


class RunningMeans(nn.Module):
    """Running averages of the cluster centres of Eq. 6, over many batches: no batch has all cells of a cluster.

    Sums and sizes are averaged, not centres, so that a batch counts with the cells that it has of a cluster.

    Parameters
    ----------
    n_categories, n_latent
        Sizes.
    memory
        Share of the past that is kept in each step.
    """

    total: Tensor  # (categories, n_latent)
    size: Tensor  # (categories,)

    def __init__(self, n_categories: int, n_latent: int, memory: float = 0.95):
        super().__init__()
        self.memory = memory
        self.register_buffer("total", torch.zeros(n_categories, n_latent))
        self.register_buffer("size", torch.zeros(n_categories))

    @property
    def means(self) -> Tensor:
        """``μ_k``, shape ``(categories, n_latent)``; 0 where no cell was seen yet."""
        return self.total / self.size.clamp_min(1e-8)[:, None]

    @property
    def shares(self) -> Tensor:
        """``ω_k``, shape ``(categories,)``; they sum to one once cells were seen."""
        return self.size / self.size.sum().clamp_min(1e-8)

    @torch.no_grad()
    def update(self, p: Tensor, z: Tensor) -> None:
        """Take a batch in: ``p_ik`` ``(cells, categories)`` and latents ``(cells, n_latent)``."""
        means, size = cluster_means(p, z)
        self.total.lerp_(means * size[:, None], 1 - self.memory)
        self.size.lerp_(size, 1 - self.memory)

    @torch.no_grad()
    def set_to(self, p: Tensor, z: Tensor) -> None:
        """Forget the past and take the centres of these cells, those of all training cells."""
        means, size = cluster_means(p, z)
        self.total.copy_(means * size[:, None])
        self.size.copy_(size)

    @torch.no_grad()
    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index``."""
        self.total, self.size = self.total[index], self.size[index]
