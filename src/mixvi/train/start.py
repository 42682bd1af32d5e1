"""Where training begins: types found by a quick clustering, without labels."""

import numpy as np
import pandas as pd
import scanpy as sc
import torch
from anndata import AnnData
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from mixvi.nn import ExpressionProjection
from mixvi.train.gap import merge_without_gap

N_NEIGHBORS = 15
RESOLUTION = 2.0  # finer than types: what has no gap is merged again
FINEST = 64.0


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
        classifier = LogisticRegression(max_iter=500).fit(projection(x).cpu().numpy(), labels)
        weight, bias = classifier.coef_, classifier.intercept_
        if len(weight) == 1:  # of two types scikit-learn keeps the second only
            weight, bias = np.vstack([-weight, weight]), np.concatenate([-bias, bias])
        self.register_buffer("weight", torch.as_tensor(weight, dtype=torch.float32))
        self.register_buffer("bias", torch.as_tensor(bias, dtype=torch.float32))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Types of the cells ``(cells, genes)``: integers ``(cells,)``."""
        return nn.functional.linear(self.projection(x), self.weight, self.bias).argmax(-1)


def quick_types(
    scores: np.ndarray, batch: np.ndarray, seed: int, n_types: int | None = None, max_types: int | None = None
) -> np.ndarray:
    """Types for a start: a fine Leiden clustering, merged wherever there is no gap between two clusters.

    Parameters
    ----------
    scores
        Projected cells, shape ``(cells, components)``.
    batch
        Batch of each cell, shape ``(cells,)``; the average of every batch is taken away first.
    seed
        Seed.
    n_types
        Number of types; if None, as many as are separated by gaps.
    max_types
        At most this many.

    Returns
    -------
    Integer labels from 0 (the largest type) by size, shape ``(cells,)``.
    """
    scores = pd.DataFrame(scores)
    scores = (scores - scores.groupby(batch).transform("mean")).to_numpy()
    graph = AnnData(scores)
    n_neighbors = min(N_NEIGHBORS, len(scores) - 1)
    sc.pp.neighbors(graph, n_neighbors=n_neighbors, use_rep="X", transformer="sklearn", random_state=seed)
    resolution, n_found = RESOLUTION, 0
    while n_found < (n_types or 2) and resolution <= FINEST:
        sc.tl.leiden(graph, resolution, flavor="igraph", n_iterations=5, directed=False, random_state=seed)
        n_found, resolution = graph.obs["leiden"].nunique(), 2 * resolution
    return merge_without_gap(scores, graph.obs["leiden"].astype(int).to_numpy(), n_types, max_types)
