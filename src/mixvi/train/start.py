"""Where training begins: types found by a quick clustering, chosen without labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scanpy as sc
import torch
from anndata import AnnData
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from torch import Tensor, nn

from mixvi.augment import CountSplit, GeneSplit
from mixvi.nn import ExpressionProjection

RESOLUTIONS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
N_NEIGHBORS = 15
TOLERANCE = 0.93  # of the best reproducibility; a finer resolution this close to the best is preferred


class StartingTypes(nn.Module):
    """A partition of some cells, extended to all cells by a linear classifier on their projection.

    Parameters
    ----------
    projection
        The fitted projection of the model.
    x
        The cells, shape ``(cells, genes)``.
    labels
        Their types, integers from 0.
    """

    def __init__(self, projection: ExpressionProjection, x: Tensor, labels: np.ndarray):
        super().__init__()
        self.projection = projection
        self.n_types = int(labels.max()) + 1
        classifier = LogisticRegression(max_iter=500).fit(projection(x).cpu().numpy(), labels)
        weight, bias = classifier.coef_, classifier.intercept_
        if self.n_types == 2:  # scikit-learn keeps the second class only
            weight, bias = np.vstack([-weight, weight]), np.concatenate([-bias, bias])
        self.register_buffer("weight", torch.as_tensor(weight, dtype=torch.float32))
        self.register_buffer("bias", torch.as_tensor(bias, dtype=torch.float32))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Types of the cells ``(cells, genes)``: integers ``(cells,)``."""
        return nn.functional.linear(self.projection(x), self.weight, self.bias).argmax(-1)


@dataclass
class Resolution:
    """One resolution of the reproducibility curve."""

    resolution: float
    n_types: int
    reproducibility: float


def leiden(scores: np.ndarray, resolutions: list[float], seed: int) -> list[np.ndarray]:
    """Leiden partitions of the cells' kNN graph, one for each resolution.

    Parameters
    ----------
    scores
        Low-dimensional cells, shape ``(cells, components)``.
    resolutions
        Resolutions.
    seed
        Seed.

    Returns
    -------
    Integer labels ordered by size, each of shape ``(cells,)``.
    """
    adata = AnnData(scores)
    n_neighbors = min(N_NEIGHBORS, len(scores) - 1)
    sc.pp.neighbors(adata, n_neighbors=n_neighbors, use_rep="X", transformer="sklearn", random_state=seed)
    partitions = []
    for resolution in resolutions:
        sc.tl.leiden(adata, resolution, flavor="igraph", n_iterations=5, directed=False, random_state=seed)
        partitions.append(adata.obs["leiden"].astype(int).to_numpy())
    return partitions


def reproducible_partition(
    projection: ExpressionProjection, x: Tensor, batch: np.ndarray, max_types: int, seed: int
) -> tuple[np.ndarray, list[Resolution]]:
    """The finest Leiden partition that two independent halves of every cell agree on.

    The counts (or, of other values, the genes) of each cell are dealt to two halves, and each half is clustered by
    itself. Where resolution outruns reality the two clusterings part. This is Proposition 1 put to work: it chooses
    the number of types without labels.

    Parameters
    ----------
    projection
        The fitted projection of the model.
    x
        Cells, shape ``(cells, genes)``.
    batch
        Batch of each cell; types are sought across batches.
    max_types
        Finer partitions are not considered.
    seed
        Seed.

    Returns
    -------
    Labels of the cells, and the curve that they were chosen from.
    """
    if projection.counts:
        split = CountSplit()
    else:
        split = GeneSplit(x.shape[1])
        split.fit(x)
    resolutions = list(RESOLUTIONS)
    halves = [leiden(_scores(projection, half, batch), resolutions, seed) for half in split(x, 2)]
    whole = leiden(_scores(projection, x, batch), resolutions, seed)
    curve = [
        Resolution(resolution, int(labels.max()) + 1, adjusted_rand_score(first, second))
        for resolution, labels, first, second in zip(resolutions, whole, *halves, strict=True)
    ]
    eligible = [i for i, point in enumerate(curve) if 2 <= point.n_types <= max_types]
    if not eligible:
        return kmeans(projection, x, batch, 2, seed), curve
    best = max(curve[i].reproducibility for i in eligible)
    chosen = max(i for i in eligible if curve[i].reproducibility >= TOLERANCE * best)
    return whole[chosen], curve


def kmeans(projection: ExpressionProjection, x: Tensor, batch: np.ndarray, n_types: int, seed: int) -> np.ndarray:
    """k-means of the projected cells, with a given number of types.

    Parameters
    ----------
    projection, x, batch, seed
        As in :func:`reproducible_partition`.
    n_types
        Number of types.

    Returns
    -------
    Integer labels, shape ``(cells,)``.
    """
    return KMeans(n_types, n_init=10, random_state=seed).fit_predict(_scores(projection, x, batch))


def _scores(projection: ExpressionProjection, x: Tensor, batch: np.ndarray) -> np.ndarray:
    """Projected cells, with the average of every batch taken away."""
    scores = pd.DataFrame(projection(x).cpu().numpy())
    return (scores - scores.groupby(batch).transform("mean")).to_numpy()
