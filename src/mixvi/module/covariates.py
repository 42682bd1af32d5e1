"""Batch and covariates, as networks take them."""

import torch
import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from torch import Tensor


def covariates_of(tensors: dict[str, Tensor], n_levels: list[int]) -> Tensor:
    """One-hot batch and categorical covariates beside the continuous ones.

    Parameters
    ----------
    tensors
        A batch of cells, as scvi-tools' loader gives it.
    n_levels
        Levels of the batch, and of each categorical covariate; those with one level are left out.

    Returns
    -------
    Shape ``(cells, n_covariates)``.
    """
    batch = tensors[REGISTRY_KEYS.BATCH_KEY]
    levels = [batch]
    if (categorical := tensors.get(REGISTRY_KEYS.CAT_COVS_KEY)) is not None:
        levels += categorical.split(1, dim=1)
    parts = [F.one_hot(level.squeeze(1).long(), n).float() for level, n in zip(levels, n_levels, strict=True) if n > 1]
    if (continuous := tensors.get(REGISTRY_KEYS.CONT_COVS_KEY)) is not None:
        parts.append(continuous.float())
    return torch.cat(parts, 1) if parts else batch.new_empty(len(batch), 0, dtype=torch.float32)
