import numpy as np
import pandas as pd
import pytest

from mixvi.metrics import match_clusters, matched_accuracy
from mixvi.metrics.matching import best_pairs, contingency


def test_accuracy_by_hand():
    labels = list("aaabbbcc")
    assert matched_accuracy(labels, [0, 0, 1, 1, 1, 1, 2, 2]) == 7 / 8
    assert matched_accuracy(labels, [5] * 8) == 3 / 8
    assert matched_accuracy(labels, range(8)) == 3 / 8  # one cell of each label


def test_clusters_by_hand():
    matched = match_clusters(list("aaabbbcc"), [10, 10, 9, 9, 9, 9, 2, 2])
    assert matched.to_dict() == {"2": "c", "9": "b", "10": "a"}
    assert matched.index.to_list() == ["2", "9", "10"]  # numbers in their order
    assert match_clusters(["a", "a", "b"], [0, 1, 0]).to_dict() == {"0": "b", "1": "a"}
    assert match_clusters(["a", None, "a"], [0, 0, 1]).to_dict() == {"0": "a"}  # one label, one type


def test_the_best_pairs_need_not_be_the_largest_cells():
    # 5 + 0 against 4 + 4
    assert [part.tolist() for part in best_pairs(np.array([[5, 4], [4, 0]]))] == [[0, 1], [1, 0]]
    assert [part.tolist() for part in best_pairs(np.array([[5, 4], [0, 0]]))] == [[0], [0]]


def test_contingency_keeps_categories_in_their_order():
    labels = pd.Categorical(["x", "w", None], categories=["x", "unused", "w"])
    table = contingency(labels, [1.0, 2.0, 2.0])
    assert table.index.to_list() == ["x", "unused", "w"]
    np.testing.assert_array_equal(table, [[1, 0], [0, 0], [0, 1]])


def test_bad_input():
    with pytest.raises(ValueError, match="labels have shape .3,. and types .2,."):
        matched_accuracy([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="No cell has a label"):
        match_clusters([None, np.nan], [0, 1])
