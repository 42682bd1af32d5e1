import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from mixvi.train import independent_axes

ONE_TYPE = np.zeros(4000, int)


def independent_ways(n_ways: int, seed: int) -> np.ndarray:
    """Cells that vary uniformly in some independent ways, with variances of about 1."""
    return np.random.default_rng(seed).uniform(-1.7, 1.7, (len(ONE_TYPE), n_ways))


def best_correlations(states: np.ndarray, ways: np.ndarray) -> np.ndarray:
    """For each way to vary, the largest correlation of a dimension with it."""
    return np.abs(np.corrcoef(states.T, ways.T)[: states.shape[1], states.shape[1] :]).max(0)


@settings(max_examples=20, deadline=None)
@given(n_ways=st.integers(2, 5), seed=st.integers(0, 99))
def test_independent_ways_to_vary_are_told_apart(n_ways, seed):
    ways = independent_ways(n_ways, seed)
    mixed = ways @ ortho_group.rvs(n_ways, random_state=seed)
    rotation = independent_axes(mixed, ONE_TYPE)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(n_ways), atol=1e-9)
    assert best_correlations(mixed @ rotation.T, ways).min() > 0.99


def test_what_sets_types_apart_does_not_matter():
    ways, kind = independent_ways(2, 0), np.arange(len(ONE_TYPE)) % 3
    mixed = ways @ ortho_group.rvs(2, random_state=0)
    shifted = mixed + np.array([[0, 0], [9, -4], [2, 7]])[kind]
    assert best_correlations(mixed @ independent_axes(shifted, kind).T, ways).min() > 0.99


def test_dimensions_that_are_not_used_stay():
    ways = independent_ways(2, 1) @ ortho_group.rvs(2, random_state=1)
    noise = 0.1 * np.random.default_rng(0).standard_normal((len(ways), 1))
    states = np.hstack([ways[:, :1], noise, ways[:, 1:]])
    rotation = independent_axes(states, ONE_TYPE)
    np.testing.assert_array_equal(rotation[1], [0, 1, 0])
    np.testing.assert_array_equal(rotation[:, 1], [0, 1, 0])
    np.testing.assert_allclose(rotation[::2, ::2], independent_axes(ways, ONE_TYPE))


def test_the_dimension_that_says_most_comes_first():
    ways = independent_ways(3, 2) * [0.8, 1.2, 1]
    states = ways @ ortho_group.rvs(3, random_state=2)
    turned = states @ independent_axes(states, ONE_TYPE).T
    assert (np.diff(turned.var(0)) < 0).all()


@pytest.mark.parametrize("states", [np.ones((5, 1)), np.zeros((5, 3)), np.eye(3)])
def test_nothing_is_turned_without_two_dimensions_or_enough_cells(states):
    np.testing.assert_array_equal(independent_axes(states, np.zeros(len(states), int)), np.eye(states.shape[1]))


def test_the_same_seed_gives_the_same_axes_even_of_a_gaussian():
    states = np.random.default_rng(0).standard_normal((500, 3))
    first, second = (independent_axes(states, np.zeros(500, int), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first @ first.T, np.eye(3), atol=1e-9)
