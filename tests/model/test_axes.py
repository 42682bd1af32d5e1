import numpy as np

from mixvi.model.axes import Axis


def test_a_dimension_moves_alone():
    axis, states = Axis.dimension(1, 3), np.array([[1.0, 2, 3], [4, 5, 6]], np.float32)
    assert axis.position(states).tolist() == [2, 5]
    moved = axis.moved(states, 7)
    assert moved.tolist() == [[1, 7, 3], [4, 7, 6]]
    assert moved.dtype == np.float32


def test_a_direction_is_in_standard_deviations_and_leaves_alone_what_does_not_correlate_with_it():
    rng = np.random.default_rng(0)
    states = rng.normal(size=(500, 3)) @ rng.normal(size=(3, 3)) + 2
    slope = np.array([1.0, -2, 0.5])
    axis = Axis.toward(slope, states)
    position = axis.position(states)
    np.testing.assert_allclose([position.mean(), position.std()], [0, 1], atol=1e-9)
    np.testing.assert_allclose(np.corrcoef(position, states @ slope)[0, 1], 1)
    moved = axis.moved(states, 1.5)
    np.testing.assert_allclose(axis.position(moved), 1.5)
    other = np.array([0.3, 0.2, 1.0])  # made uncorrelated with the direction
    covariance = np.cov(states.T)
    other -= slope * (other @ covariance @ slope) / (slope @ covariance @ slope)
    np.testing.assert_allclose(moved @ other, states @ other)


def test_states_that_do_not_vary_stay():
    axis = Axis.toward(np.array([1.0, 0.0]), np.full((5, 2), 3.0))
    assert axis.moved(np.full((2, 2), 3.0), 1.0).tolist() == [[3, 3], [3, 3]]
