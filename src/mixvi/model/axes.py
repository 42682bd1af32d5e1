"""Directions in the space of states along which cells are moved."""

from dataclasses import dataclass

import numpy as np

AXES = ("state", "principal")
FLOOR = 1e-6  # of the largest variance; states that do not vary are not divided by


@dataclass
class Axes:
    """Directions in the space of states: where a cell is on each, and which way it moves.

    Parameters
    ----------
    project
        ``(axes, n_state)``: a cell with state ``s`` is at ``project @ s``.
    displace
        ``(axes, n_state)``: change of the state by one unit along each axis.
    """

    project: np.ndarray
    displace: np.ndarray

    def position(self, states: np.ndarray, axis: int) -> np.ndarray:
        """Where cells of states ``(cells, n_state)`` are on an axis, ``(cells,)``."""
        return states @ self.project[axis]

    def move(self, states: np.ndarray, axis: int, position: float) -> np.ndarray:
        """States with all cells at one position of an axis, and where they were on the others."""
        distance = position - self.position(states, axis)
        return (states + distance[:, None] * self.displace[axis]).astype(states.dtype)


def coordinate_axes(n_state: int) -> Axes:
    """The dimensions of the state as they are.

    Parameters
    ----------
    n_state
        Number of dimensions.

    Returns
    -------
    The axes.
    """
    return Axes(np.eye(n_state), np.eye(n_state))


def principal_axes(states: np.ndarray, change: np.ndarray) -> Axes:
    """Axes of the states of a type, ordered by how much expression changes along them.

    With ``Σ`` the covariance of the states and ``J`` the change of expression with each of them, the right singular
    vectors ``v`` of ``J Σ^½`` give axes on which cells are uncorrelated, with unit variance, and along which
    expression changes in uncorrelated ways. Unlike the dimensions of the state they do not depend on how the
    state happens to be rotated or scaled. They point to where the genes that change most rise.

    Parameters
    ----------
    states
        Shape ``(cells, n_state)``.
    change
        ``J``: change of each gene per unit of each dimension, shape ``(genes, n_state)``.

    Returns
    -------
    As many axes as dimensions: ``project`` is ``Σ^-½ v``, ``displace`` is ``Σ^½ v``.

    Examples
    --------
    >>> states = np.array([[2.0, 0], [-2, 0], [0, 1], [0, -1]])
    >>> principal_axes(states, np.array([[0.0, -3]])).displace.round(2) + 0.0
    array([[ 0.  , -0.71],
           [ 1.41,  0.  ]])
    """
    variance, vectors = np.linalg.eigh(np.atleast_2d(np.cov(states.T, bias=True)))
    spread = np.sqrt(variance.clip(max(FLOOR * variance.max(), 1e-12)))
    root, inverse = (vectors * spread) @ vectors.T, (vectors / spread) @ vectors.T
    right = np.linalg.svd(change @ root, full_matrices=True)[2]  # (axes, n_state)
    skew = ((change @ root @ right.T) ** 3).sum(0)
    right = np.where(skew < 0, -1.0, 1.0)[:, None] * right
    return Axes(right @ inverse, right @ root)
