import numpy as np
import pytest

from mixvi.metrics import silhouette


def test_by_hand():
    # leading component: a at 0 and 1, b at 4; the second one only blurs
    x = np.array([[0.0, 0], [1, 9], [4, 0], [4, 9]])
    table = silhouette(x, list("aabb"), [1, 2])
    # first cell 1 - 1/4, second 1 - 1/3; those of b 1 - 0/3.5
    np.testing.assert_allclose(table["silhouette"][:2], [(3 / 4 + 2 / 3) / 2, 1])
    assert (table["silhouette"][2:] < 0.1).all()
    assert table["n_components"].to_list() == [1, 1, 2, 2]
    assert table["n_cells"].to_list() == [2] * 4


def test_missing_labels_and_the_sample():
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(size=(200, 5)), 9 + rng.normal(size=(200, 5))]
    types = np.repeat(["a", "b"], 200).astype(object)
    types[:50] = None
    whole = silhouette(x, types, [5])
    assert whole["n_cells"].to_list() == [150, 200]
    part = silhouette(x, types, [5], max_cells=100)
    assert part["n_cells"].sum() == 100
    np.testing.assert_allclose(part["silhouette"], whole["silhouette"], atol=0.05)
    assert silhouette(x, types, [5], max_cells=100).equals(part)


def test_bad_input():
    x = np.zeros((4, 3))
    with pytest.raises(ValueError, match=r"n_components=\[5\] must be from 1 to the 3 components"):
        silhouette(x, list("aabb"), [5])
    with pytest.raises(ValueError, match="x must be"):
        silhouette(x, list("aab"), [2])
    with pytest.raises(ValueError, match="1 types of 4 cells"):
        silhouette(x, list("aaaa"), [2])
