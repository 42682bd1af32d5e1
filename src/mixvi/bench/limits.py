"""What can be reached at all, by those who know the labels. No rivals: they say how well labels can be told."""

import time

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import REPRESENTATIONS, usual_representation
from mixvi.train import merge_without_gap

N_FOLDS, N_TREES = 5, 100


def run_taught(cells: Cells, seed: int) -> Outcome:
    """Predict the label of every cell with a random forest that was taught those of other cells (cross-validation).

    Gates overlap in some files, where a cell of two gates is two rows, each with one of the labels: such rows are
    taught or held out together, or the forest would learn what the label of a twin is not.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of forest and folds.

    Returns
    -------
    The partition ``"types"``; cells without a label, which nobody scores, are of type 0.
    """
    started = time.perf_counter()
    x, labels, settings = _labelled(cells, seed)
    codes, forest = pd.factorize(labels, sort=True)[0], RandomForestClassifier(N_TREES, random_state=seed)
    folds = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
    predicted = cross_val_predict(forest, x, codes, cv=folds, groups=identical_cells(x))
    settings |= {"folds": N_FOLDS, "trees": N_TREES}
    return _outcome(cells, predicted, time.perf_counter() - started, settings)


def run_twins(cells: Cells, seed: int) -> Outcome:
    """Types that know everything but which label is whose among cells that are identical, in the values clustered.

    Where a cell of two gates is two rows of the file, each with one of the labels, no method can tell the two apart:
    all rows of a cell are of one type here, and the cells with the same set of labels are one type.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of the representation; that of cytometry needs none.

    Returns
    -------
    The partition ``"types"``; cells without a label, which nobody scores, are of type 0.
    """
    started = time.perf_counter()
    x, labels, settings = _labelled(cells, seed)
    sets = labels.groupby(identical_cells(x)).transform(lambda names: "+".join(sorted(set(names))))
    return _outcome(cells, pd.factorize(sets, sort=True)[0], time.perf_counter() - started, settings)


def run_separable(cells: Cells, seed: int) -> Outcome:
    """The labels themselves, merged where there is no gap between the cells of two.

    What a method that never cuts a continuum (:func:`mixvi.train.merge_without_gap`) could reach if it knew all labels:
    types of the taxonomists that pass into each other are one type here.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of the representation.

    Returns
    -------
    The partition ``"types"``; cells without a label, which nobody scores, are of type 0.
    """
    started = time.perf_counter()
    x, labels, settings = _labelled(cells, seed)
    merged = merge_without_gap(x, pd.factorize(labels, sort=True)[0])
    return _outcome(cells, merged, time.perf_counter() - started, settings)


def identical_cells(x: np.ndarray) -> np.ndarray:
    """Number the cells so that those with the same values have the same number.

    Parameters
    ----------
    x
        Values, shape ``(cells, features)``.

    Returns
    -------
    Integers, shape ``(cells,)``.

    Examples
    --------
    >>> identical_cells(np.array([[1.0, 2.0], [1.0, 0.0], [1.0, 2.0]]))
    array([1, 0, 1])
    """
    return np.unique(x, axis=0, return_inverse=True)[1].reshape(-1)


def _labelled(cells: Cells, seed: int) -> tuple[np.ndarray, pd.Series, dict]:
    """Values that are clustered and labels of the cells that have one, and which values these are."""
    representation, known = usual_representation(cells), cells.labels.notna().to_numpy()
    x = np.asarray(REPRESENTATIONS[representation](cells, seed))
    return x[known], cells.labels[known].astype(str), {"representation": representation}


def _outcome(cells: Cells, types_of_labelled: np.ndarray, seconds: float, settings: dict) -> Outcome:
    """The partition ``"types"`` of all cells."""
    types = np.zeros(len(cells.labels), int)
    types[cells.labels.notna().to_numpy()] = types_of_labelled
    return Outcome({"types": Found(types, seconds)}, seconds, settings)
