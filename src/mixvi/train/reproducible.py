"""Types that reproduce: clusters that are found again in independent halves of every cell's counts.

With Poisson noise the two binomial halves of a cell are independent given its true expression: a clustering of one half
agrees with that of the other only by what is true of the cells, which is Proposition 1 of the papers before any
training. Each group of cells has a resolution of its own at which it falls into parts that are found again, so groups
are split one by one, from coarse to fine. A strong state reproduces as well: what is cut through a continuum is merged
again, see :mod:`mixvi.train.gap`.
"""

from typing import NamedTuple

import igraph
import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score
from torch import Tensor

from mixvi.nn import ExpressionProjection
from mixvi.train.gap import merge_without_gap, numbered_by_size
from mixvi.train.start import align_batches, best_clusters, cell_graph, quick_types

REPRODUCED = 0.85  # adjusted Rand index from which on the parts of a group are found again (from simulated cells)
RESOLUTIONS = 0.1 * 1.25 ** np.arange(20)  # from coarse to fine
N_RUNS = 3  # of Leiden on all counts; the best partition counts
N_HALF_RUNS = 2  # of Leiden on each half; all count
N_SPLITS = 2  # of every cell into halves
ROWS = 512  # cells that are halved at once: whole numbers take much memory
SPLIT_FROM, FEWEST = 30, 5  # cells of a group that is looked at, and of the second largest of its parts


class Clusterings(NamedTuple):
    """Clusterings of the same cells at resolutions from coarse to fine.

    Attributes
    ----------
    of_cells
        From all counts, integers, shape ``(resolutions, cells)``.
    of_halves
        From each half of the counts, twice each, shape ``(resolutions, 2 · halves, cells)``.
    """

    of_cells: np.ndarray
    of_halves: np.ndarray


class Split(NamedTuple):
    """How a group of cells falls apart.

    Attributes
    ----------
    cells
        Positions of the group's cells, shape ``(cells,)``.
    parts
        Part of each of them, integers from 0; all 0 if there is nothing to split.
    reproduced
        Mean adjusted Rand index between these parts and those of the halves.
    level
        Which of the resolutions they are of.
    """

    cells: np.ndarray
    parts: np.ndarray
    reproduced: float
    level: int


def reproducible_types(
    x: Tensor,
    scores: np.ndarray,
    batch: np.ndarray,
    counts: bool,
    seed: int,
    n_types: int | None = None,
    max_types: int | None = None,
) -> np.ndarray:
    """Types for a start: groups of cells are split as long as their parts are found again in halves of the counts.

    Parameters
    ----------
    x
        Cells, shape ``(cells, genes)``.
    scores
        The same cells, projected, shape ``(cells, components)``.
    batch
        Batch of each cell, shape ``(cells,)``; shifts between batches are taken away first.
    counts
        Whether the values are counts; of other values genes, not counts, are halved.
    seed
        Seed.
    n_types
        Number of types: what reproduces best is split first, and what has least of a gap is merged in the end. If None,
        as many as reproduce and are separated by a gap, but two at least.
    max_types
        At most this many.

    Returns
    -------
    Integer labels from 0 (the largest type) by size, shape ``(cells,)``.

    Examples
    --------
    >>> import torch
    >>> from mixvi.datasets import simulate_types_and_states
    >>> x = torch.tensor(simulate_types_and_states([150, 80]).X.toarray())
    >>> projection = ExpressionProjection(x.shape[1], 20, counts=True)
    >>> projection.fit(x)
    >>> np.bincount(reproducible_types(x, projection(x).numpy(), np.zeros(230), counts=True, seed=0))
    array([150,  80])
    """
    aligned = align_batches(scores, batch)
    halves = (half for split in range(N_SPLITS) for half in halved(x, counts, N_SPLITS * seed + split))
    half_scores = (align_batches(_project(half, scores.shape[1], counts, seed), batch) for half in halves)
    clusterings = cluster(cell_graph(aligned, seed), [cell_graph(half, seed) for half in half_scores], seed)
    most = n_types or max_types or len(x)
    groups, types = [best_split(clusterings, np.arange(len(x)))], []
    while groups and len(groups) + len(types) < most:
        group = groups.pop(int(np.argmax([group.reproduced for group in groups])))
        parts = group.parts if n_types else _separate_parts(group, aligned)
        if parts.max() == 0:
            types.append(group)
            continue
        parted = (group.cells[parts == part] for part in range(parts.max() + 1))
        groups += [best_split(clusterings, cells, group.level + 1) for cells in parted]
    labels = np.zeros(len(x), int)
    for number, group in enumerate(types + groups):
        labels[group.cells] = number
    n_found = len(types) + len(groups)
    if n_found < (n_types or 2):
        return quick_types(scores, batch, seed, n_types, max_types)
    return merge_without_gap(aligned, labels, most) if n_found > most else numbered_by_size(labels)


def _separate_parts(group: Split, scores: np.ndarray) -> np.ndarray:
    """Parts that are found again and have a gap between them; all cells are two types at least."""
    everything = len(group.cells) == len(scores)
    if group.reproduced < REPRODUCED and not everything:
        return np.zeros_like(group.parts)
    return merge_without_gap(scores[group.cells], group.parts, fewest=2 if everything else 1)


def best_split(clusterings: Clusterings, cells: np.ndarray, level: int = 0) -> Split:
    """The finest parts of a group of cells that are found again in the halves, or the parts that are found best.

    Parameters
    ----------
    clusterings
        Clusterings of all cells.
    cells
        Positions of the group's cells, shape ``(cells,)``.
    level
        The first resolution to look at.

    Returns
    -------
    The split.
    """
    best = Split(cells, np.zeros(len(cells), int), 0.0, len(RESOLUTIONS))
    if len(cells) < SPLIT_FROM:
        return best
    for here in range(level, len(clusterings.of_cells)):
        _, parts, sizes = np.unique(clusterings.of_cells[here][cells], return_inverse=True, return_counts=True)
        if np.count_nonzero(sizes >= FEWEST) < 2:
            continue
        of_halves = clusterings.of_halves[here][:, cells]
        reproduced = float(np.mean([adjusted_rand_score(parts, half) for half in of_halves]))
        if reproduced >= min(REPRODUCED, best.reproduced):
            best = Split(cells, parts, reproduced, here)
    return best


def cluster(graph: igraph.Graph, half_graphs: list[igraph.Graph], seed: int) -> Clusterings:
    """Cluster cells, and halves of them, at all resolutions.

    Parameters
    ----------
    graph
        Cells and their neighbours, from :func:`~mixvi.train.start.cell_graph`.
    half_graphs
        The same of halves of the cells.
    seed
        Seed.

    Returns
    -------
    The clusterings.
    """
    return Clusterings(
        np.stack([best_clusters(graph, resolution, seed, N_RUNS) for resolution in RESOLUTIONS]),
        np.stack(
            [
                [
                    best_clusters(half, resolution, N_HALF_RUNS * seed + run)
                    for half in half_graphs
                    for run in range(N_HALF_RUNS)
                ]
                for resolution in RESOLUTIONS
            ]
        ),
    )


def halved(x: Tensor, counts: bool, seed: int) -> tuple[Tensor, Tensor]:
    """Two independent halves of every cell: of its counts, or of its genes where values are not counts.

    Parameters
    ----------
    x
        Cells, shape ``(cells, genes)``.
    counts
        Whether the values are counts.
    seed
        Seed.

    Returns
    -------
    For counts two of shape ``(cells, genes)`` that add up to ``x``; else some genes, and the others.

    Examples
    --------
    >>> import torch
    >>> first, second = halved(torch.tensor([[4.0, 0.0], [100.0, 7.0]]), counts=True, seed=0)
    >>> first + second
    tensor([[  4.,   0.],
            [100.,   7.]])
    """
    rng = np.random.default_rng(seed)
    if counts:
        first = torch.empty_like(x)
        for some, half in zip(x.split(ROWS), first.split(ROWS), strict=True):
            half.copy_(torch.from_numpy(rng.binomial(some.cpu().numpy().astype(np.int64), 0.5)))
        return first, x - first
    order = rng.permutation(x.shape[1])
    return tuple(x[:, np.sort(genes)] for genes in np.array_split(order, 2))


def _project(x: Tensor, n_components: int, counts: bool, seed: int) -> np.ndarray:
    """Cells ``(cells, genes)`` in principal components of their own, ``(cells, components)``."""
    projection = ExpressionProjection(x.shape[1], min(n_components, x.shape[1] - 1), counts)
    projection.fit(x, seed)
    return projection(x).numpy()
