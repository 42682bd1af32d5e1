import numpy as np
import pandas as pd
import pytest

from mixvi.model.groups import column_of, groups_of, groups_of_labels


def test_types_without_cells_are_left_out():
    groups = groups_of(np.array([2, 0, 2]), ["a", "b", "c"], None)
    assert {name: index.tolist() for name, index in groups.items()} == {"a": [1], "c": [0, 2]}


def test_a_label_stands_for_its_most_frequent_type():
    kind = np.array([0, 1, 1, 0, 0, 2])
    for labels in (["y", "x", "x", "x", "y", None], pd.Categorical(["y", "x", "x", "x", "y", None])):
        groups = groups_of_labels(kind, pd.Series(labels, index=list("pqrstu")))
        assert {name: index.tolist() for name, index in groups.items()} == {"x": [1, 2], "y": [0, 4]}


def test_an_unknown_column(small):
    with pytest.raises(KeyError, match="groupby='other' is not a column"):
        column_of(small, "other")
