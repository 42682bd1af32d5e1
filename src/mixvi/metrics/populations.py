"""How well clusters match manually gated populations, as cytometrists measure it. Gates are for scoring only."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics.cluster import contingency_matrix

from mixvi.metrics.matching import check_same_cells


def weber_robinson_f1(labels: pd.Series, types: pd.Series) -> float:
    """Mean F1 over populations under the best one-to-one matching (Weber & Robinson 2016).

    Populations and types are matched so that the sum of F1 is largest. A population that gets no type counts 0, and
    all populations count the same, the rare ones too.

    Parameters
    ----------
    labels
        Population of each cell; cells without one (missing) are left out, also from the size of the types.
    types
        Found types of the same cells, in the same order.

    Returns
    -------
    Mean F1, from 0 to 1.

    Raises
    ------
    ValueError
        If no cell has a label.

    Examples
    --------
    >>> labels = pd.Series(["a", "a", "b", "b", "c", None])
    >>> round(weber_robinson_f1(labels, pd.Series([0, 0, 1, 1, 1, 1])), 4)  # (1 + 2 / 2.5 + 0) / 3
    0.6
    """
    f1 = _f1(_shared_cells(labels, types))
    matched = linear_sum_assignment(f1, maximize=True)
    return float(f1[matched].sum() / len(f1))


def flowcap_f(labels: pd.Series, types: pd.Series) -> float:
    """F-measure of FlowCAP (Aghaeepour et al. 2013): the best F1 of each population, weighted by its cells.

    A type may be the best of several populations, so that a few large types can score high.

    Parameters
    ----------
    labels
        Population of each cell; cells without one (missing) are left out, also from the size of the types.
    types
        Found types of the same cells, in the same order.

    Returns
    -------
    The weighted mean, from 0 to 1.

    Raises
    ------
    ValueError
        If no cell has a label.

    Examples
    --------
    >>> labels = pd.Series(["a", "a", "b", "b", "c", None])
    >>> round(flowcap_f(labels, pd.Series([0, 0, 1, 1, 1, 1])), 4)  # (2 · 1 + 2 · 0.8 + 1 · 0.5) / 5
    0.82
    """
    shared = _shared_cells(labels, types)
    return float(np.average(_f1(shared).max(1), weights=shared.sum(1)))


def _shared_cells(labels: pd.Series, types: pd.Series) -> np.ndarray:
    """Number of labelled cells of each population and type, ``(populations, types)``."""
    check_same_cells(labels, types)
    labelled = ~pd.isna(np.asarray(labels, dtype=object))
    if not labelled.any():
        raise ValueError("No cell has a label to compare with.")
    return contingency_matrix(np.asarray(labels, dtype=str)[labelled], np.asarray(types, dtype=str)[labelled])


def _f1(shared: np.ndarray) -> np.ndarray:
    """2 · shared / (population + type), the harmonic mean of precision and recall, of each population and type."""
    return 2 * shared / (shared.sum(1, keepdims=True) + shared.sum(0))
