"""What a single-cell user would do otherwise: cluster a representation with Leiden or k-means."""

import time

import scanpy as sc
from anndata import AnnData
from sklearn.cluster import KMeans

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import REPRESENTATIONS

RESOLUTIONS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
N_NEIGHBORS = 15


def run_rivals(cells: Cells, seed: int, representation: str) -> Outcome:
    """Cluster a representation: Leiden at ten resolutions, until it converges, and k-means with the number of labels.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of everything random.
    representation
        Name of the representation.

    Returns
    -------
    The partitions ``"leiden_0.1"`` to ``"leiden_5"``, candidates for the one picked with the labels, and ``"kmeans"``.
    """
    started = time.perf_counter()
    embedding = REPRESENTATIONS[representation](cells, seed)
    represented = time.perf_counter() - started
    graph = AnnData(embedding)
    n_neighbors = min(N_NEIGHBORS, len(embedding) - 1)
    sc.pp.neighbors(graph, n_neighbors=n_neighbors, use_rep="X", transformer="sklearn", random_state=seed)
    neighbours = time.perf_counter() - started
    found = {}
    for resolution in RESOLUTIONS:
        before = time.perf_counter()
        sc.tl.leiden(graph, resolution, flavor="igraph", n_iterations=-1, directed=False, random_state=seed)
        types = graph.obs["leiden"].astype(int).to_numpy()
        found[f"leiden_{resolution:g}"] = Found(types, neighbours + time.perf_counter() - before)
    candidates = tuple(found)
    before = time.perf_counter()
    types = KMeans(cells.n_labels, n_init=10, random_state=seed).fit_predict(embedding)
    found["kmeans"] = Found(types, represented + time.perf_counter() - before)
    settings = {"resolutions": list(RESOLUTIONS), "neighbours": n_neighbors, "clusters": cells.n_labels}
    return Outcome(found, represented, settings, candidates)
