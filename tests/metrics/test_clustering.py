import numpy as np
import pandas as pd
import pytest

from mixvi.metrics import clustering_scores


def test_scores_ignore_names_and_cells_without_label():
    labels = pd.Series(["x", "x", "y", np.nan, None])
    assert clustering_scores(labels, pd.Series([1, 1, 0, 0, 1])) == {"accuracy": 1, "ARI": 1, "NMI": 1}
    with pytest.raises(ValueError, match="No cell has a label"):
        clustering_scores(pd.Series([None, np.nan]), pd.Series([0, 1]))


def test_independent_types_score_near_zero():
    rng = np.random.default_rng(0)
    scores = clustering_scores(pd.Series(rng.integers(4, size=4000)), pd.Series(rng.integers(4, size=4000)))
    assert abs(scores["ARI"]) < 0.01
    assert scores["NMI"] < 0.01
