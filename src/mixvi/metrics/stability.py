"""How far repeated runs agree with each other."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from mixvi.metrics.matching import check_same_cells


def pairwise_ari(runs: Sequence[np.ndarray]) -> float:
    """Mean adjusted Rand index over all pairs of runs (seeds), without labels.

    Parameters
    ----------
    runs
        Found types of the same cells, one array of shape ``(cells,)`` for each run.

    Returns
    -------
    The mean; 1 if all runs find the same types, about 0 if they have nothing in common, NaN for a single run.

    Examples
    --------
    >>> pairwise_ari([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]])
    1.0
    """
    for run in runs[1:]:
        check_same_cells(runs[0], run)
    pairs = [adjusted_rand_score(a, b) for a, b in combinations(runs, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")
