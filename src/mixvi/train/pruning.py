"""Which categories are superfluous, and what becomes of their cells."""

from collections.abc import Iterable

import numpy as np

from mixvi.metrics import least_agreed, most_confused
from mixvi.train.gap import SHALLOW, valley_ratio

FEWEST = 10  # cells of a category whose gap can be told


def superfluous(
    matrix: np.ndarray, types: np.ndarray, min_consensus: float, scores: np.ndarray | None = None
) -> np.ndarray:
    """Types that the arms do not agree on, one of each pair that is taken for each other, and those without a gap.

    Parameters
    ----------
    matrix
        Consensus of the arms, as from :func:`mixvi.metrics.arm_consensus`, ``(types, types)``.
    types
        Types of some cells, integers from 0, shape ``(cells,)``.
    min_consensus
        Consensus from which on a type stays.
    scores
        Projected cells, ``(cells, components)``, in which gaps are looked for; None to go by consensus alone. Types
        stay if a gap separates them from the type that they are most often taken for. The smaller of two nearest types
        goes if there is none, however much the arms agree: a strong state or a shift between batches can be cut in the
        same place by all of them.

    Returns
    -------
    Positions of the types to give up.
    """
    spared = None
    if scores is not None:
        taken_for = most_confused(matrix)
        pairs = [(j, taken_for[j]) for j in np.flatnonzero((np.diag(matrix) < min_consensus) & (taken_for >= 0))]
        spared = separated_pairs(scores, types, pairs, len(matrix))
    given_up = least_agreed(matrix, min_consensus, spared)
    return given_up if scores is None else np.append(given_up, without_gap(scores, types, given_up)).astype(int)


def without_gap(scores: np.ndarray, types: np.ndarray, given_up: np.ndarray) -> np.ndarray:
    """The smaller of each pair of types that are one continuum, nearest types first; a type is in one pair at most.

    Parameters
    ----------
    scores
        Projected cells, shape ``(cells, components)``.
    types
        Their types, integers from 0, shape ``(cells,)``.
    given_up
        Types that are not looked at, integers.

    Returns
    -------
    Positions of the types. Types of fewer than ten cells are left alone, for no gap can be told.
    """
    sizes = np.bincount(types)
    known = np.setdiff1d(np.flatnonzero(sizes >= FEWEST), given_up)
    if len(known) < 3:
        return np.array([], int)
    centres = np.stack([scores[types == kind].mean(0) for kind in known])
    distance = np.square(centres[:, None] - centres).sum(-1)
    np.fill_diagonal(distance, np.inf)
    going, seen = [], set()
    for j in distance.min(1).argsort(kind="stable"):
        pair = known[[j, distance[j].argmin()]]
        if not seen & set(pair.tolist()) and valley_ratio(*(scores[types == kind] for kind in pair)) >= SHALLOW:
            going.append(pair[sizes[pair].argmin()])
            seen |= set(pair.tolist())
    return np.array(going, int)


def separated_pairs(
    scores: np.ndarray, types: np.ndarray, pairs: Iterable[tuple[int, int]], n_types: int
) -> np.ndarray:
    """Which pairs of types have a gap between their cells, as in :func:`~mixvi.train.merge_without_gap`.

    Parameters
    ----------
    scores
        Projected cells, shape ``(cells, components)``.
    types
        Their types, integers from 0, shape ``(cells,)``.
    pairs
        Pairs of types to look at.
    n_types
        Number of types.

    Returns
    -------
    Boolean, symmetric, shape ``(n_types, n_types)``; False where not looked at, and for types of fewer than ten cells.
    """
    separated = np.zeros((n_types, n_types), bool)
    for j, k in pairs:
        a, b = scores[types == j], scores[types == k]
        if min(len(a), len(b)) >= FEWEST:
            separated[j, k] = separated[k, j] = valley_ratio(a, b) < SHALLOW
    return separated


def inherited_shares(shares: np.ndarray, types: np.ndarray, heirs: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Shares of the categories that are kept, when each other one leaves its share to those that its cells go to.

    Parameters
    ----------
    shares
        Share of the cells that each category is held to, shape ``(categories,)``.
    types
        Category of each cell, integers, shape ``(cells,)``.
    heirs
        Category of each cell among those that are kept, as positions in ``kept``, shape ``(cells,)``.
    kept
        The categories that are kept, integers.

    Returns
    -------
    Shape ``(len(kept),)``; they sum to one.

    Examples
    --------
    >>> inherited_shares(np.array([0.5, 0.2, 0.3]), np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]), np.array([0, 2]))
    array([0.6, 0.4])
    """
    moved = np.zeros((len(shares), len(kept)))
    np.add.at(moved, (types, heirs), 1)
    moved /= moved.sum(1, keepdims=True).clip(1)
    moved[kept] = np.eye(len(kept))
    inherited = shares @ moved
    return inherited / inherited.sum()
