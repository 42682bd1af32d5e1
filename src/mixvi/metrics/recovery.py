"""How much of a planted truth is found again."""

import numpy as np
import pandas as pd

from mixvi.metrics.matching import best_pairs, check_same_cells

FEWEST = 30  # cells that a correlation is taken over


def share_of_labels_found(labels: np.ndarray, types: np.ndarray) -> float:
    """Share of the labels that are the most frequent one in some type: low if types collapse into each other.

    Parameters
    ----------
    labels, types
        True labels and found types of the same cells.

    Returns
    -------
    The share, from 0 to 1.

    Raises
    ------
    ValueError
        If labels and types are not of the same cells, or none has both.

    Examples
    --------
    >>> share_of_labels_found(["a", "a", "b", "c"], [0, 0, 0, 1])
    0.6666666666666666
    """
    check_same_cells(labels, types)
    table = pd.crosstab(np.asarray(labels), np.asarray(types)).to_numpy()
    if not table.size:
        raise ValueError("No cell has both a label and a type.")
    return len(np.unique(table.argmax(0))) / len(table)


def state_recovery(labels: np.ndarray, types: np.ndarray, planted: np.ndarray, found: np.ndarray) -> float:
    """Mean absolute correlation between planted and found states within type.

    Taken among the cells that share both their label and their type, since states of different types are not
    comparable, under the best one-to-one matching of planted and found dimensions, and averaged over such groups by
    their number of cells. Groups below 30 cells are left out.

    Parameters
    ----------
    labels, types
        True labels and found types of the same cells, shape ``(cells,)``.
    planted, found
        True and found states, shape ``(cells, dimensions)`` each.

    Returns
    -------
    The mean, from 0 to 1; NaN if no group is large enough. Planted dimensions beyond the number of found ones count
    as 0.

    Raises
    ------
    ValueError
        If these are not of the same cells, or states are not finite.

    Examples
    --------
    >>> state = np.linspace(-1, 1, 40)[:, None]
    >>> round(state_recovery(np.zeros(40), np.zeros(40), state, -3 * state), 6)
    1.0
    """
    check_same_cells(labels, types)
    planted, found = np.asarray(planted, float), np.asarray(found, float)
    planted, found = (states[:, None] if states.ndim == 1 else states for states in (planted, found))
    if not len(planted) == len(found) == len(labels) or not (np.isfinite(planted).all() and np.isfinite(found).all()):
        raise ValueError(
            f"planted and found states have shapes {planted.shape} and {found.shape}; finite ones of all {len(labels)} "
            "cells are needed."
        )
    groups = pd.DataFrame({"label": np.asarray(labels), "type": np.asarray(types)}).groupby(["label", "type"]).indices
    groups = [index for index in groups.values() if len(index) >= FEWEST]
    if not groups:
        return float("nan")
    values = [_matched_correlation(planted[index], found[index]) for index in groups]
    return float(np.average(values, weights=[len(index) for index in groups]))


def _matched_correlation(planted: np.ndarray, found: np.ndarray) -> float:
    """Mean absolute correlation of matched columns; a constant column correlates with nothing."""
    a, b = (x - x.mean(0) for x in (planted, found))
    norm = np.outer(np.linalg.norm(a, axis=0), np.linalg.norm(b, axis=0))
    table = np.abs(np.divide(a.T @ b, norm, out=np.zeros_like(norm), where=norm > 0))  # (planted, found)
    return float(table[best_pairs(table)].sum() / len(table))
