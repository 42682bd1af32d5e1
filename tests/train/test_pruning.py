import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixvi.train import inherited_shares, separated_pairs


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
