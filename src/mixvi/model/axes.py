"""Lines through the states of a type: its dimensions, or the direction that some genes follow."""

from dataclasses import dataclass
from typing import Self

import numpy as np

TOWARD = "toward"  # name of a direction that genes follow, beside the numbers of the dimensions


@dataclass(frozen=True)
class Axis:
    """A line along which states are moved, everything that is uncorrelated with it in the type staying as it is.

    Parameters
    ----------
    weights
        Position of a state along the axis: ``(state - origin) @ weights``, shape ``(n_state,)``.
    step
        Change of the state for one unit of position, shape ``(n_state,)``; ``step @ weights`` is 1.
    origin
        State at position 0, shape ``(n_state,)``.
    """

    weights: np.ndarray
    step: np.ndarray
    origin: np.ndarray

    @classmethod
    def dimension(cls, dim: int, n_state: int) -> Self:
        """One dimension of the state; the others stay.

        Parameters
        ----------
        dim, n_state
            The dimension, and how many there are.

        Returns
        -------
        The axis; positions are states.
        """
        unit = np.eye(n_state)[dim]
        return cls(unit, unit, np.zeros(n_state))

    @classmethod
    def toward(cls, slope: np.ndarray, states: np.ndarray) -> Self:
        """The direction of a linear function of the state, in units of its standard deviation.

        The step is proportional to the covariance of the states with the function: what does not correlate with it does
        not change along the axis.

        Parameters
        ----------
        slope
            Weights of the function, shape ``(n_state,)``.
        states
            States of the cells of a type, shape ``(cells, n_state)``.

        Returns
        -------
        The axis.

        Examples
        --------
        >>> axis = Axis.toward(np.array([2.0, 0.0]), np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
        >>> axis.weights @ axis.step, axis.step[1]
        (np.float64(1.0), np.float64(0.0))
        """
        covariance = np.cov(states, rowvar=False, ddof=0).reshape(states.shape[1], -1)
        sd = np.sqrt(max(slope @ covariance @ slope, 1e-18))
        return cls(slope / sd, covariance @ slope / sd, states.mean(0))

    def position(self, states: np.ndarray) -> np.ndarray:
        """Where states ``(cells, n_state)`` are along the axis, ``(cells,)``."""
        return (states - self.origin) @ self.weights

    def moved(self, states: np.ndarray, position: float) -> np.ndarray:
        """The states ``(cells, n_state)`` moved to one position."""
        change = (position - self.position(states))[:, None] * self.step
        return (states + change).astype(states.dtype)
