"""Where training begins: types found by a quick clustering, without labels."""

import random

import igraph
import numpy as np
import scanpy as sc
import torch
from anndata import AnnData
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors
from torch import Tensor, nn

from mixvi.nn import ExpressionProjection
from mixvi.similarity import umap_graph
from mixvi.train.gap import merge_without_gap

N_NEIGHBORS = 15
ANCHORS = (1, 1 / 2, 1 / 4, 1 / 8, 1 / 16)  # share of the partnered cells that tell a cell how to move, in each round
N_PASSES = 5  # of Leiden
N_RUNS = 8  # of Leiden, whose result depends on the order in which it visits the cells
RESOLUTION = 2.0  # at least: finer than types, what has no gap is merged again
CELLS_AT_ONE = 1_500  # resolution grows with the number of cells, so that fine clusters hold about as many
FINEST = 64.0


class Start(nn.Module):
    """What training is pulled towards in the beginning.

    Parameters
    ----------
    types
        From cells and their batches to their types, as :class:`StartingTypes`.
    states
        From cells, their batches and types to their states, as :class:`~mixvi.train.StartingStates`; None for no pull.
    """

    def __init__(self, types: nn.Module, states: nn.Module | None = None):
        super().__init__()
        self.types, self.states = types, states


class StartingTypes(nn.Module):
    """A partition of some cells, extended to all cells by a linear classifier on their projection and batch.

    Parameters
    ----------
    projection
        The fitted projection of the model.
    x
        The cells, shape ``(cells, genes)``.
    batch
        Batch of each cell, integers, shape ``(cells,)``.
    labels
        Their types, integers from 0.
    """

    def __init__(self, projection: ExpressionProjection, x: Tensor, batch: Tensor, labels: np.ndarray):
        super().__init__()
        self.projection = projection
        self.n_batch = int(batch.max()) + 1
        classifier = LogisticRegression(max_iter=500).fit(self._features(x, batch).cpu().numpy(), labels)
        weight, bias = classifier.coef_, classifier.intercept_
        if len(weight) == 1:  # of two types scikit-learn keeps the second only
            weight, bias = np.vstack([-weight, weight]), np.concatenate([-bias, bias])
        self.register_buffer("weight", torch.as_tensor(weight, dtype=torch.float32))
        self.register_buffer("bias", torch.as_tensor(bias, dtype=torch.float32))

    def _features(self, x: Tensor, batch: Tensor) -> Tensor:
        """Projection and one-hot batch, ``(cells, n_components + n_batch)``."""
        one_hot = nn.functional.one_hot(batch.long().clamp_max(self.n_batch - 1), self.n_batch)
        projected = self.projection(x)
        return torch.cat([projected, one_hot.to(projected)], 1)

    @torch.no_grad()
    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        """Types of the cells ``(cells, genes)`` of the batches ``(cells,)``: integers ``(cells,)``."""
        return nn.functional.linear(self._features(x, batch), self.weight, self.bias).argmax(-1)


def quick_types(
    scores: np.ndarray, batch: np.ndarray, seed: int, n_types: int | None = None, max_types: int | None = None
) -> np.ndarray:
    """Types for a start: a fine Leiden clustering, merged wherever there is no gap between two clusters.

    Of several runs, the partition that agrees best with all others is taken.

    Parameters
    ----------
    scores
        Projected cells, shape ``(cells, components)``.
    batch
        Batch of each cell, shape ``(cells,)``; shifts between batches are taken away first.
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
    scores = align_batches(scores, batch)
    graph = neighbour_graph(scores, seed)
    fine = (leiden_clusters(graph, n_types or 2, N_RUNS * seed + run) for run in range(N_RUNS))
    return medoid([merge_without_gap(scores, clusters, n_types, max_types) for clusters in fine])


def neighbour_graph(scores: np.ndarray, seed: int) -> AnnData:
    """Cells and their nearest neighbours.

    Parameters
    ----------
    scores
        Low-dimensional cells, shape ``(cells, components)``.
    seed
        Seed.

    Returns
    -------
    The cells, as :func:`scanpy.pp.neighbors` leaves them.
    """
    graph = AnnData(scores)
    n_neighbors = min(N_NEIGHBORS, len(scores) - 1)
    sc.pp.neighbors(graph, n_neighbors=n_neighbors, use_rep="X", transformer="sklearn", random_state=seed)
    return graph


def medoid(partitions: list[np.ndarray]) -> np.ndarray:
    """The partition that agrees best with all others, by the mean adjusted Rand index.

    Parameters
    ----------
    partitions
        Labels of the same cells, each of shape ``(cells,)``.

    Returns
    -------
    One of them.

    Examples
    --------
    >>> medoid([np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1, 1, 0, 0])])
    array([0, 0, 1, 1])
    """
    agreement = [sum(adjusted_rand_score(one, other) for other in partitions) for one in partitions]
    return partitions[int(np.argmax(agreement))]


def fine_resolution(n_cells: int) -> float:
    """Resolution that gives clusters finer than types: 2, but one for every 1,500 cells if these are more, up to 64.

    Examples
    --------
    >>> fine_resolution(1000), fine_resolution(30_000), fine_resolution(1_000_000)
    (2.0, 20.0, 64.0)
    """
    return min(FINEST, max(RESOLUTION, n_cells / CELLS_AT_ONE))


def leiden_clusters(graph: AnnData, at_least: int, seed: int, resolution: float | None = None) -> np.ndarray:
    """Leiden clusters of a neighbour graph; the resolution is doubled until there are enough of them.

    Parameters
    ----------
    graph
        Cells with neighbours, from :func:`scanpy.pp.neighbors`; ``.obs["leiden"]`` is written.
    at_least
        So many clusters, if a resolution of up to 64 gives them.
    seed
        Seed.
    resolution
        Resolution to begin with; if None, :func:`fine_resolution`.

    Returns
    -------
    Integer labels, shape ``(cells,)``.
    """
    n_found, resolution = 0, resolution or fine_resolution(graph.n_obs)
    while n_found < at_least and resolution <= FINEST:
        sc.tl.leiden(graph, resolution, flavor="igraph", n_iterations=5, directed=False, random_state=seed)
        n_found, resolution = graph.obs["leiden"].nunique(), 2 * resolution
    return graph.obs["leiden"].astype(int).to_numpy()


def cell_graph(scores: np.ndarray, seed: int) -> igraph.Graph:
    """UMAP's graph of cells and their nearest neighbours, for :func:`best_clusters`.

    Parameters
    ----------
    scores
        Low-dimensional cells, shape ``(cells, components)``.
    seed
        Seed of the search for neighbours, which is exact for up to 8,192 cells.

    Returns
    -------
    Undirected, edges weighted from 0 to 1.
    """
    weights = sparse.triu(umap_graph(scores, N_NEIGHBORS, seed), format="coo")
    edges = np.column_stack([weights.row, weights.col])
    return igraph.Graph(len(scores), edges, edge_attrs={"weight": weights.data.astype(float)})


def best_clusters(graph: igraph.Graph, resolution: float, seed: int, n_runs: int = 1) -> np.ndarray:
    """The Leiden clustering with the highest modularity of several runs, which depend on the order of the cells.

    Parameters
    ----------
    graph
        Cells with weighted edges.
    resolution
        Resolution.
    seed
        Seed.
    n_runs
        Number of runs.

    Returns
    -------
    Integers from 0, shape ``(cells,)``.

    Examples
    --------
    >>> best_clusters(igraph.Graph.Ring(4, circular=False), 1.0, seed=0).max()
    1
    """
    igraph.set_random_number_generator(random.Random(seed))
    weights = "weight" if graph.is_weighted() else None
    try:
        runs = [
            graph.community_leiden("modularity", weights=weights, resolution=resolution, n_iterations=N_PASSES)
            for _ in range(n_runs)
        ]
    finally:
        igraph.set_random_number_generator(random)
    return np.asarray(max(runs, key=lambda run: run.quality).membership)


def align_batches(scores: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Move every batch onto the ones before it, the largest first, along pairs of mutual nearest neighbours.

    Such pairs are cells of one type (Haghverdi et al. 2018), so that batches may hold types in different proportions.
    A cell moves as the nearest cells that have such a partner do on average; round after round fewer are asked, since
    types may shift differently.

    Parameters
    ----------
    scores
        Low-dimensional cells, shape ``(cells, components)``.
    batch
        Batch of each cell, shape ``(cells,)``.

    Returns
    -------
    Aligned cells, same shape.
    """
    names, sizes = np.unique(batch, return_counts=True)
    names = names[np.argsort(-sizes, kind="stable")]
    aligned = scores.copy()
    reference = np.flatnonzero(batch == names[0])
    for name in names[1:]:
        cells = np.flatnonzero(batch == name)
        for share in ANCHORS:
            aligned[cells] += _shifts(aligned[cells], aligned[reference], share)
        reference = np.concatenate([reference, cells])
    return aligned


def _shifts(cells: np.ndarray, reference: np.ndarray, share: float) -> np.ndarray:
    """How each of the ``cells`` has to move towards the ``reference``, same shape."""
    here, there = _mutual_neighbours(cells, reference)
    if not len(here):
        return np.zeros_like(cells)
    anchors, of_pair, n_pairs = np.unique(here, return_inverse=True, return_counts=True)
    to_partner = np.zeros((len(anchors), cells.shape[1]))
    np.add.at(to_partner, of_pair, reference[there] - cells[here])
    to_partner /= n_pairs[:, None]
    n_asked = min(len(anchors), max(N_NEIGHBORS, round(share * len(anchors))))
    asked = NearestNeighbors(n_neighbors=n_asked).fit(cells[anchors]).kneighbors_graph(cells)
    return asked @ to_partner / n_asked


def _mutual_neighbours(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions in ``a`` and ``b`` of the pairs that are among each other's nearest neighbours."""
    k = min(N_NEIGHBORS, len(a), len(b))
    from_a = NearestNeighbors(n_neighbors=k).fit(b).kneighbors_graph(a)
    from_b = NearestNeighbors(n_neighbors=k).fit(a).kneighbors_graph(b)
    return from_a.multiply(from_b.T).nonzero()
