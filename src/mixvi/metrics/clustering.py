"""How well found types match published labels. Labels are for scoring only."""

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from mixvi.metrics.matching import check_same_cells, matched_accuracy


def clustering_scores(labels: pd.Series, types: pd.Series) -> dict[str, float]:
    """Matched accuracy, adjusted Rand index and normalised mutual information.

    Parameters
    ----------
    labels
        Published labels; cells without one (missing) are left out.
    types
        Found types of the same cells, in the same order.

    Returns
    -------
    ``{"accuracy": …, "ARI": …, "NMI": …}``.

    Raises
    ------
    ValueError
        If they are not of the same cells, or no cell has a label.

    Examples
    --------
    >>> clustering_scores(pd.Series(["a", "a", "b"]), pd.Series([0, 0, 1]))
    {'accuracy': 1.0, 'ARI': 1.0, 'NMI': 1.0}
    """
    check_same_cells(labels, types)
    labelled = ~pd.isna(np.asarray(labels, dtype=object))
    if not labelled.any():
        raise ValueError("No cell has a label to compare with.")
    labels, types = np.asarray(labels, dtype=str)[labelled], np.asarray(types, dtype=str)[labelled]
    return {
        "accuracy": matched_accuracy(labels, types),
        "ARI": float(adjusted_rand_score(labels, types)),
        "NMI": float(normalized_mutual_info_score(labels, types)),
    }
