"""What can be reached at all: a classifier that is taught the labels. No rival: it says how well labels can be told."""

import time

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import REPRESENTATIONS, usual_representation

N_FOLDS, N_TREES = 5, 100


def run_taught(cells: Cells, seed: int) -> Outcome:
    """Predict the label of every cell with a random forest that was taught those of other cells (cross-validation).

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
    representation = usual_representation(cells)
    known = cells.labels.notna().to_numpy()
    codes = pd.factorize(cells.labels[known], sort=True)[0]
    x = REPRESENTATIONS[representation](cells, seed)[known]
    forest = RandomForestClassifier(N_TREES, random_state=seed)
    types = np.zeros(len(known), int)
    types[known] = cross_val_predict(forest, x, codes, cv=StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed))
    seconds = time.perf_counter() - started
    settings = {"representation": representation, "folds": N_FOLDS, "trees": N_TREES}
    return Outcome({"types": Found(types, seconds)}, seconds, settings)
