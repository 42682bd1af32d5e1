"""Trees of types, and how many cells each type has."""

import numpy as np
from scipy.cluster.hierarchy import fcluster

from mixvi.arguments import check_above, check_whole


def unbalanced_sizes(n_types: int, n_cells: int, imbalance: float) -> list[int]:
    """Numbers of cells that fall geometrically from the largest type to the smallest.

    Parameters
    ----------
    n_types
        Number of types.
    n_cells
        Number of cells in all.
    imbalance
        Size of the largest type over that of the smallest, before rounding to whole cells.

    Returns
    -------
    The sizes, largest first; their sum is ``n_cells``.

    Raises
    ------
    ValueError
        If ``imbalance`` is below 1, or the smallest types would have no cell.

    Examples
    --------
    >>> unbalanced_sizes(3, 70, imbalance=4)
    [40, 20, 10]
    """
    check_whole(n_types=n_types, n_cells=n_cells)
    check_above(0, imbalance=imbalance)
    if imbalance < 1:
        raise ValueError(f"imbalance={imbalance} must be 1 or more.")
    weights = np.geomspace(1, 1 / imbalance, n_types)
    edges = np.round(n_cells * np.concatenate([[0], np.cumsum(weights) / weights.sum()])).astype(int)
    sizes = sorted(np.diff(edges).tolist(), reverse=True)
    if sizes[-1] < 1:
        raise ValueError(
            f"{n_cells} cells are too few for {n_types} types with imbalance={imbalance}: the smallest would be empty. "
            "Ask for more cells, fewer types or less imbalance."
        )
    return sizes


def random_taxonomy(n_types: int, closest: float, rng: np.random.Generator) -> np.ndarray:
    """A random binary tree of types, by merging random pairs of lineages.

    The merge that leaves ``m`` lineages has height ``m ** -g``; ``g`` is such that the first merge has height
    ``closest``. The root has height 1, so with ``closest=1`` all types are equally far from each other.

    Parameters
    ----------
    n_types
        Number of types, the leaves of the tree.
    closest
        Height of the lowest merge, in (0, 1].
    rng
        Random generator.

    Returns
    -------
    Linkage matrix as of :func:`scipy.cluster.hierarchy.linkage`, ``(n_types - 1, 4)``.
    """
    n_merges = n_types - 1
    left = np.arange(n_merges, 0, -1)  # lineages after each merge
    heights = left ** (np.log(closest) / np.log(max(n_merges, 2)))
    alive, n_leaves = list(range(n_types)), [1] * n_types
    linkage = np.empty((n_merges, 4))
    for i, height in enumerate(heights):
        pair = sorted(alive.pop(rng.integers(len(alive))) for _ in range(2))
        n_leaves.append(n_leaves[pair[0]] + n_leaves[pair[1]])
        linkage[i] = *pair, height, n_leaves[-1]
        alive.append(n_types + i)
    return linkage


def branches(linkage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which types hang on each branch of a taxonomy, and the branch's length.

    Branch ``i`` leads down to node ``i``: the types first, then the merges but the root. Lengths from the root to any
    type sum to the root's height.

    Parameters
    ----------
    linkage
        Linkage matrix, ``(types - 1, 4)``.

    Returns
    -------
    Membership, boolean ``(branches, types)``, and lengths, ``(branches,)``. A single type hangs on one branch of
    length 1.
    """
    n_types = len(linkage) + 1
    if n_types == 1:
        return np.ones((1, 1), bool), np.ones(1)
    members = np.concatenate([np.eye(n_types, dtype=bool), np.zeros((n_types - 1, n_types), bool)])
    heights = np.concatenate([np.zeros(n_types), linkage[:, 2]])
    parent = np.empty(2 * n_types - 2, int)
    for i, (first, second) in enumerate(linkage[:, :2].astype(int), start=n_types):
        members[i] = members[first] | members[second]
        parent[[first, second]] = i
    return members[:-1], heights[parent] - heights[:-1]


def cut(linkage: np.ndarray, height: float) -> np.ndarray:
    """Groups of types that are joined at or below a height.

    Parameters
    ----------
    linkage
        Linkage matrix, ``(types - 1, 4)``.
    height
        Where to cut.

    Returns
    -------
    Group of each type, from 0, ``(types,)``.
    """
    return fcluster(linkage, height, "distance") - 1 if len(linkage) else np.zeros(1, int)
