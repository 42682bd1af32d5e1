"""States to begin with: what varies most among the cells of a type, in all types alike."""

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

from mixvi.nn import ExpressionProjection

PRIOR_CELLS = 5.0  # of the average type, added to each type's mean expression


class StartingStates(nn.Module):
    """Leading principal components of the cells' residuals from the mean expression of their own type.

    Without them the state is at risk of collapse: types explain so much more that the encoder has no use for what is
    left. Residuals from a type's own mean are free of depth, those from the mean of all cells are not: a deep cell is
    further from it. All types share the components, so that a programme that many types have stands out from what sets
    subtypes of one apart.

    Parameters
    ----------
    projection
        The fitted projection of the model.
    x
        Cells, shape ``(cells, genes)``.
    batch
        Batch of each cell, integers, shape ``(cells,)``; the mean of a type in a batch is state zero.
    labels
        Their types, integers from 0, shape ``(cells,)``.
    n_state
        Dimensions of the state.
    seed
        Seed of the randomised principal component analysis.
    n_types
        Number of types, if some that are not among these cells may come later.
    covariates
        Continuous covariates, shape ``(cells, covariates)``: the components leave out what follows them within types,
        for the model explains it without a state.
    """

    def __init__(
        self,
        projection: ExpressionProjection,
        x: Tensor,
        batch: Tensor,
        labels: np.ndarray,
        n_state: int,
        seed: int,
        n_types: int = 0,
        covariates: np.ndarray | None = None,
    ):
        super().__init__()
        self.projection = projection
        types, batch = torch.as_tensor(labels).long(), batch.long()
        self.n_batch = int(batch.max()) + 1
        self.register_buffer("location", self._means(x, types, n_types))  # (types, genes)
        residuals = projection.residuals_from(self.location[types], x)
        group = types * self.n_batch + batch
        n_groups = len(self.location) * self.n_batch
        n_cells = torch.bincount(group, minlength=n_groups).clamp_min(1)[:, None]
        centre = residuals.new_zeros(n_groups, x.shape[1]).index_add_(0, group, residuals) / n_cells
        n_found = min(n_state, *(n - 1 for n in x.shape))
        pca = PCA(n_found, svd_solver="randomized", iterated_power=7, random_state=seed)
        centred = (residuals - centre[group]).cpu().numpy()
        pca.fit(centred if covariates is None else without_followers(centred, covariates, group.cpu().numpy()))
        axes = x.new_zeros(x.shape[1], n_state)
        sd = np.sqrt(pca.explained_variance_).clip(1e-6)
        axes[:, :n_found] = torch.as_tensor(pca.components_.T / sd)
        self.register_buffer("axes", axes)
        self.register_buffer("centre", centre @ axes)  # (types · batches, n_state)

    def _means(self, x: Tensor, types: Tensor, n_types: int) -> Tensor:
        """Each type's share of every gene, or mean for values that are not counts, ``(types, genes)``."""
        prior = self.projection.location * (x.sum(1).mean() if self.projection.counts else 1.0)  # of one average cell
        n_cells = torch.bincount(types, minlength=n_types)[:, None]
        sums = (PRIOR_CELLS * prior).expand(len(n_cells), -1).index_add(0, types, x)
        return sums / (sums.sum(1, keepdim=True) if self.projection.counts else n_cells + PRIOR_CELLS)

    @torch.no_grad()
    def forward(self, x: Tensor, batch: Tensor, types: Tensor) -> Tensor:
        """States of the cells ``(cells, genes)`` of the batches ``(cells,)`` and types ``(cells,)``, one row a cell."""
        residuals = self.projection.residuals_from(self.location[types], x)
        group = types * self.n_batch + batch.long().clamp_max(self.n_batch - 1)
        return residuals @ self.axes - self.centre[group]


def without_followers(values: np.ndarray, covariates: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Values without the directions in which they follow covariates: no component of the rest does.

    Parameters
    ----------
    values
        Centred in each group, shape ``(cells, genes)``.
    covariates
        Shape ``(cells, covariates)``.
    group
        Group of each cell, integers, shape ``(cells,)``.

    Returns
    -------
    Shape ``(cells, genes)``.

    Examples
    --------
    >>> values = np.array([[-1.0, -2.0], [0.0, 4.0], [1.0, -2.0]])
    >>> without_followers(values, np.array([[1.0], [2.0], [3.0]]), np.zeros(3, int)).round(6).tolist()
    [[0.0, -2.0], [0.0, 4.0], [0.0, -2.0]]
    """
    n_cells = np.bincount(group).clip(1)
    centred = np.empty(covariates.shape)
    for column, covariate in enumerate(np.asarray(covariates, float).T):
        centred[:, column] = covariate - (np.bincount(group, covariate) / n_cells)[group]
    slopes = np.linalg.lstsq(centred, values, rcond=None)[0]  # (covariates, genes)
    _, sizes, directions = np.linalg.svd(slopes, full_matrices=False)
    directions = directions[sizes > 1e-6 * max(sizes.max(initial=0), 1e-12)]
    return values - values @ directions.T @ directions
