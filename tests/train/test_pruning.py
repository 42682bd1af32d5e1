import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixvi.train import inherited_shares, separated_pairs, superfluous
from mixvi.train.pruning import without_gap


def test_a_gap_separates_and_a_cut_does_not():
    """Type 0 and 1 are halves of one cloud, type 2 is far away, type 3 has too few cells to tell."""
    rng = np.random.default_rng(0)
    cloud, far = rng.normal(size=(400, 3)), rng.normal(size=(200, 3)) + 8
    scores = np.concatenate([cloud, far, far[:5] + 8])
    types = np.concatenate([cloud[:, 0] > 0, np.full(200, 2), np.full(5, 3)]).astype(int)
    separated = separated_pairs(scores, types, [(0, 1), (0, 2), (2, 3)], 4)
    assert separated.tolist() == [
        [False, False, True, False],
        [False] * 4,
        [True, False, False, False],
        [False] * 4,
    ]


def test_shares_go_where_the_cells_go():
    """Type 1 (30 %) leaves a quarter of its cells to type 0, the rest to type 3; type 2 (10 %) has no cell."""
    types, heirs = np.array([0, 1, 1, 1, 1, 3]), np.array([0, 0, 1, 1, 1, 1])
    shares = inherited_shares(np.array([0.4, 0.3, 0.1, 0.2]), types, heirs, np.array([0, 3]))
    np.testing.assert_allclose(shares, np.array([0.475, 0.425]) / 0.9)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=8), st.data())
def test_nobody_loses_by_inheritance(weights, data):
    shares = np.array(weights) / sum(weights)
    n = len(shares)
    kept = np.array(sorted(data.draw(st.sets(st.integers(0, n - 1), min_size=2, max_size=n))))
    types = np.array(data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=30)))
    heirs = np.array(data.draw(st.lists(st.integers(0, len(kept) - 1), min_size=len(types), max_size=len(types))))
    inherited = inherited_shares(shares, types, heirs, kept)
    assert inherited.sum() == pytest.approx(1)
    assert (inherited >= shares[kept] - 1e-9).all()


def in_thirds() -> tuple[np.ndarray, np.ndarray]:
    """A continuum that is cut into three types of 100, 150 and 250 cells, and a type of 200 far from it."""
    rng = np.random.default_rng(0)
    line = np.sort(rng.normal(size=500))[:, None] * [4.0, 0, 0] + rng.normal(size=(500, 3))
    apart = rng.normal(size=(200, 3)) + [0, 20.0, 0]
    return np.concatenate([line, apart]), np.repeat([0, 1, 2, 3], [100, 150, 250, 200])


def test_pieces_of_a_continuum_go_though_arms_agree():
    scores, types = in_thirds()
    assert without_gap(scores, types, np.array([], int)).tolist() == [0]  # one of each pair, the smaller
    agreed = np.eye(4)
    assert superfluous(agreed, types, 0.95, scores).tolist() == [0]
    assert superfluous(agreed, types, 0.95).tolist() == []


def test_types_with_a_gap_stay_though_arms_do_not_agree():
    scores, types = in_thirds()
    matrix = np.eye(4)
    matrix[2, 2], matrix[3, 3], matrix[2, 3], matrix[3, 2] = 0.6, 0.5, 0.4, 0.4
    assert superfluous(matrix, types, 0.95, scores).tolist() == [0]
    assert superfluous(matrix, types, 0.95).tolist() == [3]
