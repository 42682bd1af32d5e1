"""Batch and covariates as features."""

import torch
from scvi import REGISTRY_KEYS
from torch import Tensor

from mixvi.nn import indicators, one_hot_or_average


class Covariates:
    """One-hot batch and categorical covariates beside the continuous ones.

    Parameters
    ----------
    n_batch
        Batches.
    n_cats_per_cov
        Levels of each categorical covariate.
    n_continuous_cov
        Continuous covariates.

    Attributes
    ----------
    n_query_batches
        Batches that were added after training; their features are the last, and not counted in ``n_features``.
    """

    def __init__(self, n_batch: int = 1, n_cats_per_cov: list[int] | None = None, n_continuous_cov: int = 0):
        self.n_levels = [n_batch, *(n_cats_per_cov or [])]
        self.n_query_batches = 0
        self.n_features = sum(n for n in self.n_levels if n > 1) + n_continuous_cov

    def __call__(self, tensors: dict[str, Tensor]) -> Tensor:
        """Features ``(cells, n_features)`` of a batch of cells, from the tensors of scvi-tools' loaders.

        Levels that were not seen in training are as the average of those that were.
        """
        batch = tensors[REGISTRY_KEYS.BATCH_KEY]
        levels = [batch]
        if (categorical := tensors.get(REGISTRY_KEYS.CAT_COVS_KEY)) is not None:
            levels += categorical.split(1, dim=1)
        parts = [
            one_hot_or_average(level.squeeze(1).long(), n)
            for level, n in zip(levels, self.n_levels, strict=True)
            if n > 1
        ]
        if (continuous := tensors.get(REGISTRY_KEYS.CONT_COVS_KEY)) is not None:
            parts.append(continuous.float())
        if self.n_query_batches:
            parts.append(indicators(batch.squeeze(1).long(), self.n_levels[0], self.n_query_batches))
        return torch.cat(parts, 1) if parts else batch.new_empty(len(batch), 0, dtype=torch.float32)

    def typical(self, n_cells: int, like: Tensor) -> Tensor:
        """Features of cells between all batches and levels, continuous covariates 0, ``(n_cells, n_features)``."""
        row = [1 / n for n in self.n_levels if n > 1 for _ in range(n)]
        row += [0.0] * (self.n_features - len(row))
        return like.new_tensor(row).expand(n_cells, -1)
