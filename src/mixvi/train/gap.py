"""Type or state? Two groups of cells are two types if there is a gap between them, and one type if there is none.

A clustering algorithm also cuts what is continuous: a strong state gives clusters that are as reproducible as types.
What tells them apart is whether cells in between are rare (a valley of the density) or not.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.distance import cdist
from scipy.stats import skew

N_BINS = 256  # of the density between two groups
N_BOOTSTRAP, CONFIDENCE = 50, 0.9  # a gap must be there in nine of ten resamples of the cells
ENOUGH = 10_000  # cells of a group, evenly spread over it, that are looked at
NEAREST = 5  # a group is compared with this many nearest groups
SHALLOW = 0.8  # a shallower valley, relative to the lower of its sides, is no gap (from simulated cells)
NO_VALLEY, TAILED = 0.98, 0.6  # of the true density, and skewness: a thin end, from these on (from simulated cells)
ALIKE = 1e-6  # standard deviation of cells that are all the same, where that of a group is about 1


def valley_ratio(a: np.ndarray, b: np.ndarray, by_size: bool = False) -> float:
    """Density of cells between two groups, relative to the lower of the densities on both sides.

    The cells of both groups are projected on the axis that discriminates best between them, with each half of the cells
    on the axis of the other half, so that noise that the axis has fitted makes no gap. Both groups count the same, so
    that a small one beside a large one is seen. Unless it is the thin end of a continuum, whose peak came from cutting
    it off: then the true density, in which groups count by their cells, has no valley at all, and the smaller group
    trails off from where it was cut (it is skewed), instead of being dense in its middle. Of a group of more than
    10,000 cells, 10,000 are looked at.

    Parameters
    ----------
    a, b
        Low-dimensional cells of the two groups, shapes ``(cells, components)``.
    by_size
        Look at the true density alone: a small group must be a peak of it.

    Returns
    -------
    From 0 (nothing in between) to 1 (no valley: the cells were cut out of one continuum).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 3))
    >>> valley_ratio(x, x + 8) < 0.1 < 0.9 < valley_ratio(x[x[:, 0] < 0], x[x[:, 0] >= 0])
    True
    """
    n_cells = len(a), len(b)
    a, b = _enough(a), _enough(b)
    on_axis_a, on_axis_b = [], []
    for fold in (0, 1):
        train_a, train_b, test_a, test_b = a[1 - fold :: 2], b[1 - fold :: 2], a[fold::2], b[fold::2]
        if min(len(train_a), len(train_b)) < 2:
            continue
        difference = train_b.mean(0) - train_a.mean(0)
        variance = 0.5 * (train_a.var(0) + train_b.var(0)) + 1e-3 * (a.var() + b.var()) + 1e-6
        axis = difference / variance / np.linalg.norm(difference / np.sqrt(variance))
        middle = 0.5 * (train_a.mean(0) + train_b.mean(0))
        on_axis_a.append((test_a - middle) @ axis)
        on_axis_b.append((test_b - middle) @ axis)
    if sum(map(len, on_axis_a)) < 3 or sum(map(len, on_axis_b)) < 3:
        return 0.0  # too few cells to tell: leave them apart
    sides = np.concatenate(on_axis_a), np.concatenate(on_axis_b)
    if not by_size and _is_thin_end(*sides, n_cells):
        return 1.0
    return float(np.quantile(_ratios(*sides, n_cells if by_size else (1, 1)), CONFIDENCE))


def merge_without_gap(
    scores: np.ndarray,
    labels: np.ndarray,
    n_types: int | None = None,
    max_types: int | None = None,
    *,
    shallow: float = SHALLOW,
    fewest: int = 2,
    by_size: bool = False,
) -> np.ndarray:
    """Merge groups of cells, the shallowest valley first, until all that are left are separated by a gap.

    Parameters
    ----------
    scores
        Low-dimensional cells, shape ``(cells, components)``.
    labels
        Fine groups of the cells, integers from 0.
    n_types
        Merge down to this number instead, gap or no gap.
    max_types
        Go on merging while there are more than these.
    shallow
        Valley ratio from which there is no gap.
    fewest
        So many types are left in any case.
    by_size
        As in :func:`valley_ratio`.

    Returns
    -------
    Types, integers from 0 (the largest) by size.
    """
    labels = np.unique(labels, return_inverse=True)[1]
    groups = {group: scores[labels == group] for group in range(labels.max() + 1)}
    centres = np.stack([cells.mean(0) for cells in groups.values()])
    distance = cdist(centres, centres, "sqeuclidean")
    np.fill_diagonal(distance, np.inf)
    ratios: dict[tuple[int, int], float] = {}
    while len(groups) > (n_types or fewest):
        for pair in _near_pairs(distance):
            if pair not in ratios:
                ratios[pair] = valley_ratio(groups[pair[0]], groups[pair[1]], by_size)
        kept, merged = max(ratios, key=ratios.get)
        if n_types is None and ratios[kept, merged] < shallow and len(groups) <= (max_types or len(groups)):
            break
        labels[labels == merged] = kept
        groups[kept] = scores[labels == kept]
        del groups[merged]
        centres[kept], left = groups[kept].mean(0), list(groups)
        distance[merged] = distance[:, merged] = np.inf
        distance[kept, left] = distance[left, kept] = cdist(centres[[kept]], centres[left], "sqeuclidean")[0]
        distance[kept, kept] = np.inf
        ratios = {pair: ratio for pair, ratio in ratios.items() if kept not in pair and merged not in pair}
    return numbered_by_size(labels)


def numbered_by_size(labels: np.ndarray) -> np.ndarray:
    """The same groups, numbered from 0 (the largest).

    Parameters
    ----------
    labels
        Groups, shape ``(cells,)``.

    Returns
    -------
    Integers, same shape.

    Examples
    --------
    >>> numbered_by_size(np.array([7, 3, 3]))
    array([1, 0, 0])
    """
    _, labels, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")[labels]


def _near_pairs(distance: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of groups of which one is among the nearest of the other.

    From the distances of their centres, ``(groups, groups)``, infinite to themselves and of groups that are no more.
    """
    n_nearest = min(NEAREST, len(distance) - 1)
    nearest = distance.argpartition(n_nearest - 1, 1)[:, :n_nearest]
    apart = np.take_along_axis(distance, nearest, 1)
    nearest = np.take_along_axis(nearest, apart.argsort(1), 1)
    known = np.isfinite(np.take_along_axis(distance, nearest, 1))
    groups, others = np.nonzero(known)[0].tolist(), nearest[known].tolist()
    return {(min(pair), max(pair)) for pair in zip(groups, others, strict=True)}


def _enough(cells: np.ndarray) -> np.ndarray:
    """Some of the cells of a large group ``(cells, components)``, evenly spread; all of a smaller one."""
    return cells[np.linspace(0, len(cells), ENOUGH, endpoint=False, dtype=int)] if len(cells) > ENOUGH else cells


def _is_thin_end(a: np.ndarray, b: np.ndarray, n_cells: tuple[int, int]) -> bool:
    """Whether the smaller of two groups on a line, the second of which lies higher, is the thin end of the other."""
    outwards = b if n_cells[1] < n_cells[0] else -a
    if outwards.std() < ALIKE:
        return False
    return bool(skew(outwards) >= TAILED and np.median(_ratios(a, b, n_cells)) >= NO_VALLEY)


def _ratios(a: np.ndarray, b: np.ndarray, weights: tuple[int, int]) -> np.ndarray:
    """Valley ratios of two groups on a line, that count by weights, in resamples of the cells (Poisson bootstrap)."""
    left, right = np.median(a), np.median(b)
    if right <= left:
        return np.ones(1)
    rng = np.random.default_rng(0)
    edges = np.linspace(min(a.min(), b.min()), max(a.max(), b.max()), N_BINS + 1)
    density = np.zeros((N_BOOTSTRAP, N_BINS))
    for group, weight in zip((a, b), weights, strict=True):
        counts = rng.poisson(np.histogram(group, edges)[0], (N_BOOTSTRAP, N_BINS))
        bandwidth = max(group.std() * len(group) ** -0.2 / (edges[1] - edges[0]), 1e-3)  # Scott's rule, in bins
        density += gaussian_filter1d(counts * (weight / len(group)), bandwidth, mode="constant")
    between = density[:, max(np.searchsorted(edges, left) - 1, 0) : np.searchsorted(edges, right)]
    bottom = between.argmin(1)[:, None]
    position = np.arange(between.shape[1])
    before = np.where(position <= bottom, between, 0).max(1)
    after = np.where(position >= bottom, between, 0).max(1)
    return between.min(1) / np.minimum(before, after).clip(1e-12)
