import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from mixvi.train import axes_of_moves


def moved(n_state: int, n_moves: int, seed: int, noise: float = 0.0):
    """Change and states of images that moves shift along orthogonal directions, the first the furthest."""
    rng = np.random.default_rng(seed)
    moves = rng.uniform(-1, 1, (2000, n_moves))
    directions = ortho_group.rvs(n_state, random_state=seed)[:n_moves] * np.arange(n_moves, 0, -1)[:, None]
    change = moves @ directions + noise * rng.standard_normal((2000, n_state))
    return change, moves, directions, rng.standard_normal((2000, n_state)) * np.arange(1, n_state + 1)


@settings(max_examples=20, deadline=None)
@given(n_state=st.integers(2, 6), n_moves=st.integers(1, 2), seed=st.integers(0, 99))
def test_axes_follow_the_moves_in_their_order(n_state, n_moves, seed):
    change, moves, directions, states = moved(n_state, n_moves, seed, noise=0.3)
    rotation, followed = axes_of_moves(change, moves, states)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(n_state), atol=1e-9)
    assert followed == list(range(n_moves))  # the clearest first
    aligned = (rotation[:n_moves] * directions).sum(1) / np.linalg.norm(directions, axis=1)
    assert aligned.min() > 0.99  # in sign, too


def test_other_dimensions_come_by_their_variance():
    change, moves, _, states = moved(5, 1, 0)
    rotation, _ = axes_of_moves(change, moves, states)
    others = states @ rotation[1:].T
    assert (np.diff(others.var(0)) < 0).all()
    np.testing.assert_allclose(np.corrcoef(others.T), np.eye(4), atol=1e-6)


def test_a_move_that_the_state_does_not_tell_is_left_out():
    change, moves, _, states = moved(4, 2, 1)
    angle = np.random.default_rng(0).uniform(-np.pi, np.pi, (2000, 1))
    assert axes_of_moves(change, np.hstack([angle, moves]), states)[1] == [1, 2]
    rotation, followed = axes_of_moves(change, angle, states)
    assert followed == []
    np.testing.assert_array_equal(rotation, np.eye(4))


def test_a_move_along_the_same_direction_as_a_clearer_one_is_left_out():
    rng = np.random.default_rng(0)
    moves, directions = rng.uniform(-1, 1, (2000, 2)), np.array([[1.0, 0, 0], [0.5, 0.1, 0]])
    rotation, followed = axes_of_moves(moves @ directions, moves, rng.standard_normal((2000, 3)))
    assert followed == [0]
    np.testing.assert_allclose(rotation[0], [1, 0, 0], atol=0.05)


@pytest.mark.parametrize("n_state", [1, 3])
def test_nothing_that_is_never_moved_is_followed(n_state):
    states = np.random.default_rng(0).standard_normal((50, n_state))
    rotation, followed = axes_of_moves(np.zeros((50, n_state)), np.zeros((50, 5)), states)
    assert followed == []
    np.testing.assert_array_equal(rotation, np.eye(n_state))


def test_a_single_dimension_gets_the_sign_of_its_move():
    moves = np.linspace(-1, 1, 20)[:, None]
    rotation, followed = axes_of_moves(-moves, moves, moves)
    assert followed == [0]
    np.testing.assert_allclose(rotation, [[-1]])
