import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from mixvi.metrics import accuracy_along_hierarchy, confusion, matched_accuracy

FOUR = linkage(np.array([[0.0], [10], [1], [12]]))  # a with c, b with d


def test_confusion_by_hand():
    labels = [*"aaaabb", None]
    types = [5, 5, 5, 2, 9, 9, 9]
    table = confusion(labels, types)
    # label a matches type 5, label b type 9, type 2 comes last
    assert table.columns.to_list() == ["5", "9", "2"]
    np.testing.assert_allclose(table, [[0.75, 0, 0.25], [0, 1, 0]])


def test_confusion_in_the_order_of_the_dendrogram():
    table = confusion(list("abcd"), list("3210"), FOUR)
    assert table.index.to_list() == ["a", "c", "b", "d"]
    assert table.columns.to_list() == ["3", "1", "2", "0"]
    np.testing.assert_array_equal(table, np.eye(4))


def test_accuracy_along_hierarchy_by_hand():
    labels = list("aaabbbccdd")
    types = list("0020112133")
    # as labels: a is 0 (2 cells), b is 1 (2), c is 2 (1), d is 3 (2)
    # a and c merged: types 0 and 2 hold 4 of their 5 cells
    # b and d merged: types 1 and 3 hold 4 of theirs; then all are one
    table = accuracy_along_hierarchy(labels, types, FOUR)
    assert table.index.to_list() == [4, 3, 2, 1]
    np.testing.assert_allclose(table["accuracy"], [0.7, 0.8, 0.8, 1.0])
    np.testing.assert_allclose(table["chance"], [0.3, 0.5, 0.5, 1.0])


def test_types_beyond_the_number_of_labels_match_nothing():
    table = accuracy_along_hierarchy(list("aabb"), list("0123"), np.array([[0, 1, 1.0, 2]]))
    np.testing.assert_allclose(table["accuracy"], [0.5, 0.5])


@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 9))
def test_accuracy_never_falls_and_begins_at_that_of_the_labels(seed, n_labels, n_types):
    rng = np.random.default_rng(seed)
    labels = pd.Categorical.from_codes(rng.integers(n_labels, size=30), [f"l{i}" for i in range(n_labels)])
    types = rng.integers(n_types, size=30)
    accuracy = accuracy_along_hierarchy(labels, types, linkage(rng.normal(size=(n_labels, 2))))["accuracy"]
    assert accuracy.iloc[0] == pytest.approx(matched_accuracy(labels, types))
    assert accuracy.is_monotonic_increasing
    if len(np.unique(types)) <= n_labels:
        assert accuracy.iloc[-1] == 1


def test_bad_linkage():
    with pytest.raises(ValueError, match=r"of the 3 labels .* of shape \(2, 4\); it has shape \(3, 4\)"):
        accuracy_along_hierarchy(list("abc"), [0, 1, 2], FOUR)
    with pytest.raises(ValueError, match="linkage must be"):
        confusion(list("abc"), [0, 1, 2], np.zeros((2, 4)))
