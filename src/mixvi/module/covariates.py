"""Batch and covariates as features."""

import torch
import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from torch import Tensor


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
    """

    def __init__(self, n_batch: int = 1, n_cats_per_cov: list[int] | None = None, n_continuous_cov: int = 0):
        self.n_levels = [n_batch, *(n_cats_per_cov or [])]
        self.n_features = sum(n for n in self.n_levels if n > 1) + n_continuous_cov

    def __call__(self, tensors: dict[str, Tensor]) -> Tensor:
        """Features ``(cells, n_features)`` of a batch of cells, from the tensors of scvi-tools' loaders."""
        batch = tensors[REGISTRY_KEYS.BATCH_KEY]
        levels = [batch]
        if (categorical := tensors.get(REGISTRY_KEYS.CAT_COVS_KEY)) is not None:
            levels += categorical.split(1, dim=1)
        parts = [
            F.one_hot(level.squeeze(1).long(), n).float()
            for level, n in zip(levels, self.n_levels, strict=True)
            if n > 1
        ]
        if (continuous := tensors.get(REGISTRY_KEYS.CONT_COVS_KEY)) is not None:
            parts.append(continuous.float())
        return torch.cat(parts, 1) if parts else batch.new_empty(len(batch), 0, dtype=torch.float32)

    def typical(self, n_cells: int, like: Tensor) -> Tensor:
        """Features of cells between all batches and levels, continuous covariates 0, ``(n_cells, n_features)``."""
        row = [1 / n for n in self.n_levels if n > 1 for _ in range(n)]
        row += [0.0] * (self.n_features - len(row))
        return like.new_tensor(row).expand(n_cells, -1)
