"""Where training on a panel of markers begins: types that are far from each other in the markers, without labels."""

import numpy as np
import scanpy as sc
from anndata import AnnData
from scipy.cluster.hierarchy import fcluster, linkage

from mixvi.train.gap import merge_without_gap, numbered_by_size
from mixvi.train.start import align_batches, leiden_clusters

RESOLUTION = 10.0  # fine enough for types of a few dozen cells
N_NEIGHBORS = 15


def panel_types(
    scores: np.ndarray, batch: np.ndarray, seed: int, n_types: int | None = None, max_types: int | None = None
) -> np.ndarray:
    """Types for a start: a fine Leiden clustering, whose clusters are merged by their average distance.

    With a few dozen chosen markers distances mean something: two populations differ in a marker or they do not, and a
    rare one counts as much as a large one. It is how cytometry's clusters are merged (as in FlowSOM).

    Parameters
    ----------
    scores
        Cells in units that all markers share, shape ``(cells, markers)``.
    batch
        Batch of each cell, shape ``(cells,)``; shifts between batches are taken away first.
    seed
        Seed.
    n_types
        Number of types; if None, as many as gaps between cells separate.
    max_types
        At most this many.

    Returns
    -------
    Integer labels from 0 (the largest type) by size, shape ``(cells,)``.
    """
    scores = align_batches(scores, batch)
    graph = AnnData(scores)
    sc.pp.neighbors(graph, min(N_NEIGHBORS, len(scores) - 1), use_rep="X", transformer="sklearn", random_state=seed)
    fine = leiden_clusters(graph, RESOLUTION, n_types or 2, seed)
    n_types = n_types or merge_without_gap(scores, fine, None, max_types).max() + 1
    centres = np.stack([scores[fine == cluster].mean(0) for cluster in range(fine.max() + 1)])
    merged = fcluster(linkage(centres, "average"), n_types, "maxclust")
    return numbered_by_size(merged[fine])
