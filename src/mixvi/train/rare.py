"""Rare types, which hide behind others in the leading components of all cells.

A type of a dozen cells among thousands has no principal component of its own. Among the cells of the one type that it
was taken for it has: the fewer cells, the weaker the signal that stands out from noise (Baik, Ben Arous and Péché
2005). So every type is looked at again by itself, in components of its own.
"""

import numpy as np
from torch import Tensor

from mixvi.nn import ExpressionProjection
from mixvi.train.gap import merge_without_gap, numbered_by_size
from mixvi.train.start import align_batches, leiden_clusters, neighbour_graph

CLEAR = 0.2  # a deeper valley than between types at large: what is rare must be clearly apart (from simulated cells)
N_COMPONENTS = 30  # of the cells of one type, at most
SPLIT_FROM, FEWEST = 30, 5  # cells of a type that is looked at, and of one that is split off
RARE = 0.02  # of all cells, at most: what is more frequent has shown in the components of all cells, or is no type


def split_rare_types(
    x: Tensor, labels: np.ndarray, batch: np.ndarray, counts: bool, seed: int, max_types: int | None = None
) -> np.ndarray:
    """Split off what is clearly apart from the rest of its type, again and again.

    Parameters
    ----------
    x
        Cells, shape ``(cells, genes)``.
    labels
        Their types, integers, shape ``(cells,)``.
    batch
        Batch of each cell, shape ``(cells,)``.
    counts
        Whether the values are counts.
    seed
        Seed.
    max_types
        At most this many types; more are not split off.

    Returns
    -------
    Types, integers from 0 (the largest) by size.
    """
    labels = labels.copy()
    to_do = list(np.unique(labels))
    n_types = len(to_do)
    while to_do:
        kind = to_do.pop()
        cells = np.flatnonzero(labels == kind)
        if len(cells) < SPLIT_FROM:
            continue
        parts = _parts(x[cells], batch[cells], counts, seed)
        sizes = np.bincount(parts)
        split_off = [part for part in range(1, len(sizes)) if FEWEST <= sizes[part] <= RARE * len(labels)]
        split_off = split_off[: None if max_types is None else max_types - n_types]
        for part in split_off:
            labels[cells[parts == part]] = n_types
            to_do.append(n_types)
            n_types += 1
        if split_off:
            to_do.append(kind)  # what is left of it
    return numbered_by_size(labels)


def _parts(x: Tensor, batch: np.ndarray, counts: bool, seed: int) -> np.ndarray:
    """What is clearly apart among the cells of one type, the largest part first."""
    expressed = x[:, x.std(0) > 0]
    if min(expressed.shape) < 3:
        return np.zeros(len(x), dtype=int)
    projection = ExpressionProjection(expressed.shape[1], min(N_COMPONENTS, *(n - 1 for n in expressed.shape)), counts)
    projection.fit(expressed, seed)
    scores = align_batches(projection(expressed).numpy(), batch)
    clusters = leiden_clusters(neighbour_graph(scores, seed), at_least=2, seed=seed)
    return merge_without_gap(scores, clusters, shallow=CLEAR, fewest=1, by_size=True)
