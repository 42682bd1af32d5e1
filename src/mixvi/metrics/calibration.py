"""Whether a type that is given with 90 % confidence is right nine times out of ten."""

import numpy as np
import pandas as pd

from mixvi.arguments import check_whole
from mixvi.metrics.matching import check_same_cells


def reliability(confidence: np.ndarray, correct: np.ndarray, n_bins: int = 15) -> pd.DataFrame:
    """Confidence and accuracy of the cells, in bins of equal width of the confidence.

    Parameters
    ----------
    confidence
        Probability that each cell's type is right, from 0 to 1, shape ``(cells,)``.
    correct
        Whether it is right, shape ``(cells,)``, boolean.
    n_bins
        Number of bins.

    Returns
    -------
    One row for each bin that holds a cell, indexed by its lower edge: ``"n_cells"``, mean ``"confidence"``,
    ``"accuracy"``.

    Raises
    ------
    ValueError
        If shapes differ, there is no cell, or a confidence is not between 0 and 1.

    Examples
    --------
    >>> reliability([0.6, 0.9, 0.9], [False, True, True], n_bins=2)["accuracy"].round(3).to_list()
    [0.667]
    """
    confidence, correct = np.asarray(confidence, float), np.asarray(correct)
    if confidence.shape != correct.shape or confidence.ndim != 1 or not len(confidence):
        raise ValueError(
            f"confidence has shape {confidence.shape} and correct {correct.shape}: one of each is needed for every "
            "cell, and at least one cell."
        )
    if not ((confidence >= 0) & (confidence <= 1)).all():
        raise ValueError("confidence must be between 0 and 1; no value may be missing.")
    check_whole(n_bins=n_bins)
    lower = np.minimum(np.floor(confidence * n_bins), n_bins - 1) / n_bins
    cells = pd.DataFrame({"lower": lower, "confidence": confidence, "accuracy": correct.astype(float)})
    groups = cells.groupby("lower")
    return groups.mean().assign(n_cells=groups.size())[["n_cells", "confidence", "accuracy"]]


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, n_bins: int = 15) -> float:
    """Mean distance of accuracy from confidence over bins of the confidence (Naeini et al. 2015; Guo et al. 2017).

    ``ECE = Σ_b n_b/n |accuracy_b − confidence_b|``.

    Parameters
    ----------
    confidence, correct, n_bins
        As in :func:`reliability`; :func:`types_agree` tells which cells are right.

    Returns
    -------
    From 0 (as often right as it says) to 1.

    Raises
    ------
    ValueError
        As in :func:`reliability`.

    Examples
    --------
    >>> round(expected_calibration_error([0.9, 0.9, 0.9, 0.9], [True, True, True, False]), 3)
    0.15
    """
    bins = reliability(confidence, correct, n_bins)
    gap = (bins["accuracy"] - bins["confidence"]).abs()
    return float((gap * bins["n_cells"]).sum() / bins["n_cells"].sum())


def types_agree(labels: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Which cells have a type that fits their label. Labels are for scoring only.

    A type fits a label if it is the label's most frequent type, or if the label is the type's most frequent one. Types
    that are finer or coarser than the labels are therefore not taken for errors: how many types there are is another
    question (:func:`~mixvi.metrics.matched_accuracy`) than whether a cell's type is right.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells.

    Returns
    -------
    Boolean, shape ``(cells,)``.

    Raises
    ------
    ValueError
        If they are not of the same cells, or some are missing.

    Examples
    --------
    >>> types_agree(["a", "a", "a", "b", "b"], [0, 0, 1, 1, 1])
    array([ True,  True, False,  True,  True])
    """
    check_same_cells(labels, types)
    row, label_names = pd.factorize(np.asarray(labels))
    column, type_names = pd.factorize(np.asarray(types))
    if min(row.min(), column.min()) < 0:
        raise ValueError("Some cells have no label or no type: leave them out.")
    table = np.zeros((len(label_names), len(type_names)))
    np.add.at(table, (row, column), 1)
    return (table.argmax(1)[row] == column) | (table.argmax(0)[column] == row)
