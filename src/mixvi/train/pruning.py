"""What becomes of the cells of a category that is given up, and which categories are not to be."""

from collections.abc import Iterable

import numpy as np

from mixvi.train.gap import SHALLOW, valley_ratio

FEWEST = 10  # cells of a category whose gap can be told


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
