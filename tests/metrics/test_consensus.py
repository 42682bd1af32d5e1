import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mixvi.metrics import arm_consensus, consensus_matrix, least_agreed, most_confused

THREE = st.integers(2, 4).flatmap(
    lambda n_arms: hnp.arrays(int, st.tuples(st.just(n_arms), st.integers(1, 30)), elements=st.integers(0, 4))
)


def test_matrix_by_hand():
    """Rows hold 4 and 2 cells, columns 3 and 3: 3/max(4, 3), 1/max(4, 3), 0, 2/max(2, 3)."""
    a, b = [0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]
    np.testing.assert_allclose(consensus_matrix(a, b, 3), [[3 / 4, 1 / 4, 0], [0, 2 / 3, 0], [0, 0, 0]])


def test_three_arms_by_hand():
    """Arms 0 and 1 agree on all, arm 2 differs on one of three cells of type 0."""
    matrix = arm_consensus([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1]], 2)
    beside = (0 + 1 / 3 + 1 / 3) / 3 / 2
    np.testing.assert_allclose(matrix, [[(1 + 2 / 3 + 2 / 3) / 3, beside], [beside, (1 + 1 / 2 + 1 / 2) / 3]])
    with pytest.raises(ValueError, match="two or more arms"):
        arm_consensus([[0, 1]], 2)


@given(THREE, st.permutations(range(5)))
def test_invariances(types, names):
    matrix = arm_consensus(types, 5)
    assert ((matrix >= 0) & (matrix <= 1)).all()
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(arm_consensus(types[::-1], 5), matrix)
    renamed = arm_consensus(np.array(names)[types], 5)
    np.testing.assert_allclose(renamed[np.ix_(names, names)], matrix)
    np.testing.assert_allclose(np.diag(arm_consensus(types[[0, 0]], 5)), np.isin(np.arange(5), types[0]))


CHAIN = np.array([[0.9, 0.1, 0.0, 0.0], [0.1, 0.7, 0.2, 0.0], [0.0, 0.2, 0.8, 0.0], [0.0, 0.0, 0.0, 1.0]])


def test_most_confused_by_hand():
    assert most_confused(CHAIN).tolist() == [1, 2, 1, -1]


def test_one_of_two_types_taken_for_each_other_is_given_up():
    """Type 1 gives way to type 2; type 0 would give way to type 1, which is gone: it waits for another round."""
    assert least_agreed(CHAIN, 0.95).tolist() == [1]
    assert least_agreed(CHAIN, 0.75).tolist() == [1]
    assert least_agreed(CHAIN, 0.7).tolist() == []


def test_spared_pairs_do_not_give_way():
    spared = np.zeros((4, 4), bool)
    spared[0, 1] = spared[1, 0] = True
    assert least_agreed(CHAIN, 0.95, spared).tolist() == [1]  # to type 2
    spared[1, 2] = spared[2, 1] = True
    assert least_agreed(CHAIN, 0.95, spared).tolist() == []


def test_types_without_cells_go_and_two_types_stay():
    assert least_agreed(np.diag([1.0, 0.0, 1.0]), 0.95).tolist() == [1]
    assert least_agreed(np.diag([1.0, 0.0, 1.0]), 0.95, np.zeros((3, 3), bool)).tolist() == [1]
    assert least_agreed(np.diag([0.0, 0.0, 0.1, 0.2]), 0.95).tolist() == [0, 1]
    assert least_agreed(np.diag([0.0, 0.0]), 0.95).tolist() == []


@given(hnp.arrays(int, st.tuples(st.just(2), st.integers(1, 60)), elements=st.integers(0, 7)), st.floats(0, 1))
def test_what_is_given_up_is_below_the_threshold(types, min_consensus):
    matrix = arm_consensus(types, 8)
    given_up = least_agreed(matrix, min_consensus)
    assert (np.diag(matrix)[given_up] < min_consensus).all()
    assert len(set(given_up)) == len(given_up) <= 6
    if (np.diag(matrix) < min_consensus).any():
        assert given_up[0] == np.diag(matrix).argmin()
