"""Where training with a similarity begins: communities of its graph, merged until they are types, without labels."""

import numpy as np
from anndata import AnnData
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from torch import Tensor, nn

from mixvi.train.gap import merge_without_gap, numbered_by_size
from mixvi.train.graph import merge_connected
from mixvi.train.start import N_RUNS, leiden_clusters, medoid

FEW_CELLS = 10_000  # on which the clustering is repeated
N_ROUNDS = 10  # of votes
COARSE = 1.0  # resolution for images


class KnownTypes(nn.Module):
    """Types of all cells to begin with.

    Parameters
    ----------
    types
        Integers from 0, shape ``(cells,)``.
    """

    def __init__(self, types: Tensor):
        super().__init__()
        self.register_buffer("types", types.long())

    def forward(self, cells: Tensor) -> Tensor:
        """Types of the cells at some positions, ``(batch,)``."""
        return self.types[cells]


def graph_types(
    graph: sparse.csr_matrix,
    scores: np.ndarray,
    merge: str,
    seed: int,
    n_types: int | None = None,
    max_types: int | None = None,
) -> np.ndarray:
    """Types for a start: communities of a graph (Leiden), merged, then smoothed by the votes of neighbours.

    Parameters
    ----------
    graph
        Similarity of the cells, symmetric, shape ``(cells, cells)``.
    scores
        What is known of the cells, batches aligned, shape ``(cells, features)``.
    merge
        ``"gap"``: the pair with the fewest cells in between, see :func:`~mixvi.train.merge_without_gap`;
        ``"distance"``: as ``"gap"``, but down to ``n_types``, where they are given, by average linkage of the centres,
        as cytometry does, where features are few chosen markers, so that a rare population counts as much as a large
        one; ``"links"``: the best linked pair, for images.
    seed
        Seed.
    n_types
        Number of types; if None, as many as are separated by gaps, or as communities of images.
    max_types
        At most this many.

    Returns
    -------
    Integers from 0 (the largest type) by size, shape ``(cells,)``.
    """
    cells = AnnData(scores, obsp={"connectivities": graph}, uns={"neighbors": {"connectivities_key": "connectivities"}})
    resolution = COARSE if merge == "links" else None
    n_runs = N_RUNS if cells.n_obs <= FEW_CELLS else 1
    merged = []
    for run in range(n_runs):
        fine = leiden_clusters(cells, n_types or 2, N_RUNS * seed + run, resolution)
        if merge == "links":
            merged.append(merge_connected(graph, fine, n_types or max_types or fine.max() + 1))
        elif merge == "distance" and n_types:
            merged.append(merge_near(scores, fine, n_types))
        else:
            merged.append(merge_without_gap(scores, fine, n_types, max_types))
    return majority(graph, medoid(merged), N_ROUNDS)


def merge_near(scores: np.ndarray, labels: np.ndarray, n_types: int) -> np.ndarray:
    """Merge groups of cells by the average distance of their centres, whatever their sizes.

    With a few dozen chosen markers distances mean something: two populations differ in a marker or they do not.

    Parameters
    ----------
    scores
        Cells in units that all markers share, shape ``(cells, markers)``.
    labels
        Fine groups of the cells, integers from 0.
    n_types
        Merge down to this number.

    Returns
    -------
    Types, integers from 0 (the largest) by size.

    Examples
    --------
    >>> merge_near(np.array([[0.0], [0.1], [0.3], [9.0]]), np.arange(4), 2)
    array([0, 0, 0, 1])
    """
    centres = np.stack([scores[labels == group].mean(0) for group in range(labels.max() + 1)])
    return numbered_by_size(fcluster(linkage(centres, "average"), n_types, "maxclust")[labels])


def majority(graph: sparse.csr_matrix, labels: np.ndarray, n_rounds: int) -> np.ndarray:
    """Let every cell follow most of its neighbours, again and again; cells without neighbours stay.

    Parameters
    ----------
    graph
        Weights of the votes, shape ``(cells, cells)``.
    labels
        Integers from 0, shape ``(cells,)``.
    n_rounds
        Rounds of votes.

    Returns
    -------
    Types, integers from 0 (the largest) by size.

    Examples
    --------
    >>> chain = sparse.csr_matrix([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0.5], [0, 0, 0.5, 0]])
    >>> majority(chain, np.array([0, 0, 1, 1]), 1)
    array([0, 0, 0, 1])
    """
    n_labels = labels.max() + 1
    for _ in range(n_rounds):
        one_hot = sparse.csr_matrix((np.ones(len(labels)), (np.arange(len(labels)), labels)), (len(labels), n_labels))
        votes = (graph @ one_hot + 1e-6 * one_hot).toarray()  # a tie, or nobody's vote, changes nothing
        labels = votes.argmax(1)
    return numbered_by_size(labels)
