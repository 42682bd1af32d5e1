"""How far arms, or any two ways to type the same cells, agree on each type. No labels are needed."""

from itertools import combinations

import numpy as np

from mixvi.arguments import check_whole


def consensus_matrix(a: np.ndarray, b: np.ndarray, n_types: int) -> np.ndarray:
    """Confusion matrix of two typings, each entry relative to the larger of the two types (MMIDAS).

    ``n_jk / max(n_j., n_.k)`` for types ``j`` of the one and ``k`` of the other; its diagonal is the types' consensus.

    Parameters
    ----------
    a, b
        Types of the same cells, integers from 0, shape ``(cells,)``.
    n_types
        Number of types.

    Returns
    -------
    Shape ``(n_types, n_types)``, from 0 to 1; 0 for types without cells.

    Examples
    --------
    >>> consensus_matrix([0, 0, 0, 1], [0, 0, 1, 1], 2).round(2)
    array([[0.67, 0.33],
           [0.  , 0.5 ]])
    """
    check_whole(n_types=n_types)
    a, b = np.asarray(a), np.asarray(b)
    whole = a.dtype.kind in "iu" and b.dtype.kind in "iu"
    if a.shape != b.shape or a.ndim != 1 or not whole or not all(0 <= kind < n_types for kind in {*a, *b}):
        raise ValueError(f"Both must give a type from 0 to {n_types - 1} for each of the same cells.")
    table = np.zeros((n_types, n_types))
    np.add.at(table, (a, b), 1)
    return table / np.maximum(table.sum(1)[:, None], table.sum(0)).clip(1)


def arm_consensus(types: np.ndarray, n_types: int) -> np.ndarray:
    """Consensus matrix of several arms: symmetric, averaged over all pairs of them.

    Parameters
    ----------
    types
        Types that each arm gives to the same cells, integers from 0, shape ``(arms, cells)``.
    n_types
        Number of types.

    Returns
    -------
    Shape ``(n_types, n_types)``, from 0 to 1.

    Raises
    ------
    ValueError
        If there are fewer than two arms.

    Examples
    --------
    >>> arm_consensus([[0, 0, 0, 1], [0, 0, 1, 1]], 2).round(2)
    array([[0.67, 0.17],
           [0.17, 0.5 ]])
    """
    if len(types) < 2:
        raise ValueError("Consensus needs two or more arms; there is one.")
    matrix = np.mean([consensus_matrix(a, b, n_types) for a, b in combinations(np.asarray(types), 2)], 0)
    return (matrix + matrix.T) / 2


def most_confused(matrix: np.ndarray) -> np.ndarray:
    """The type that each type is most often taken for.

    Parameters
    ----------
    matrix
        As from :func:`arm_consensus`, ``(types, types)``.

    Returns
    -------
    Positions, shape ``(types,)``; -1 for types that are taken for no other.

    Examples
    --------
    >>> most_confused(np.array([[0.9, 0.1, 0.0], [0.1, 0.6, 0.0], [0.0, 0.0, 1.0]]))
    array([ 1,  0, -1])
    """
    if np.ndim(matrix) != 2 or len(set(np.shape(matrix))) != 1:
        raise ValueError(f"matrix must be types × types, not of shape {np.shape(matrix)}.")
    others = matrix - np.diag(np.diag(matrix))
    return np.where(others.any(1), others.argmax(1), -1)


def least_agreed(matrix: np.ndarray, min_consensus: float, spared: np.ndarray | None = None) -> np.ndarray:
    """Types to give up: below a consensus, the least agreed first, but never a type that another one gives way to.

    Of two types that are taken for each other, one is enough to give up; the other may then reach the threshold.

    Parameters
    ----------
    matrix
        As from :func:`arm_consensus`, ``(types, types)``.
    min_consensus
        Types with at least this consensus stay.
    spared
        Pairs of types of which none gives way to the other, ``(types, types)``, boolean, symmetric. A type stays if the
        one that it is most often taken for is such a type.

    Returns
    -------
    Positions of the types, in the order in which they are given up. At least two types are left.

    Examples
    --------
    >>> least_agreed(np.array([[0.9, 0.1, 0.0], [0.1, 0.6, 0.0], [0.0, 0.0, 1.0]]), 0.95)
    array([1])
    """
    consensus, heirs = np.diag(matrix), most_confused(matrix)
    given_up: list[int] = []
    kept: set[int] = set()
    for worst in np.argsort(consensus, kind="stable"):
        if consensus[worst] >= min_consensus or len(given_up) == max(0, len(matrix) - 2):
            break
        heir = heirs[worst]
        stays = spared is not None and heir >= 0 and spared[worst, heir]
        if not stays and worst not in kept and heir not in given_up:
            given_up.append(worst)
            kept.add(heir)
    return np.array(given_up, dtype=int)
