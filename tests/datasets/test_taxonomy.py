import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import is_valid_linkage

from mixvi.datasets import unbalanced_sizes
from mixvi.datasets.taxonomy import branches, cut, random_taxonomy


@given(st.integers(1, 60), st.floats(1, 300))
def test_sizes_are_whole_sum_up_and_fall(n_types, imbalance):
    sizes = unbalanced_sizes(n_types, 50_000, imbalance)
    assert len(sizes) == n_types
    assert sum(sizes) == 50_000
    assert sizes == sorted(sizes, reverse=True)
    if n_types > 1:
        assert sizes[0] / sizes[-1] == pytest.approx(imbalance, rel=0.2)


@pytest.mark.parametrize("arguments", [(10, 50, 100), (0, 50, 1), (3, 50, 0.5)])
def test_impossible_sizes_are_refused(arguments):
    with pytest.raises(ValueError, match="imbalance=|n_types="):
        unbalanced_sizes(*arguments)


@given(st.integers(2, 60), st.floats(0.01, 1), st.integers(0, 5))
def test_trees_are_valid_and_every_type_is_as_far_from_the_root(n_types, closest, seed):
    linkage = random_taxonomy(n_types, closest, np.random.default_rng(seed))
    assert is_valid_linkage(linkage)
    assert linkage[-1, 2:].tolist() == [1, n_types]
    if n_types > 2:
        assert linkage[0, 2] == pytest.approx(closest)
    members, lengths = branches(linkage)
    np.testing.assert_allclose(lengths @ members, 1)


def test_branches_of_a_tree_of_three():
    linkage = np.array([[0, 2, 0.4, 2], [1, 3, 1, 3]])
    members, lengths = branches(linkage)
    assert members.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]]
    np.testing.assert_allclose(lengths, [0.4, 1, 0.4, 0.6])
    groups = cut(linkage, 0.5)
    assert groups[0] == groups[2] != groups[1]


def test_a_single_type_is_a_tree():
    linkage = random_taxonomy(1, 0.5, np.random.default_rng(0))
    assert linkage.shape == (0, 4)
    assert [part.tolist() for part in branches(linkage)] == [[[True]], [1.0]]
    assert cut(linkage, 0.5).tolist() == [0]
