"""Axes of the state along which cells vary independently."""

import warnings

import numpy as np
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

USED_VARIANCE = 0.1  # of a dimension's means, of a prior variance of 1: less says next to nothing about cells


def independent_axes(states: np.ndarray, kind: np.ndarray, seed: int = 0) -> np.ndarray:
    """Rotation of the states to axes that are as independent as possible within types (FastICA, Hyvärinen 1999).

    The prior of the state is the same in all directions, so nothing in the objective says along which axes a model
    should lay what it finds. If cells vary in several ways that have nothing to do with each other, a mixture of them
    is closer to a Gaussian than each is alone, which tells the axes apart.

    Parameters
    ----------
    states
        Means of the cells' states, shape ``(cells, n_state)``. Dimensions that hardly vary are left as they are.
    kind
        Type of each cell, integers from 0, shape ``(cells,)``. Types share the axes.
    seed
        Seed of the first guess.

    Returns
    -------
    Orthogonal matrix, shape ``(n_state, n_state)``: the new states are ``states @ rotation.T``. Used dimensions come
    in the order of their variance, the largest first.

    Examples
    --------
    >>> square = np.random.default_rng(0).uniform(-1.7, 1.7, (2000, 2))  # two independent ways to vary, and
    >>> mixed = square @ np.array([[0.8, 0.6], [-0.6, 0.8]])  # a state in which they are mixed
    >>> turned = mixed @ independent_axes(mixed, np.zeros(2000, int)).T
    >>> np.abs(np.corrcoef(turned.T, square.T)[:2, 2:]).max(0).round(2).tolist()
    [1.0, 1.0]
    """
    n_cells = np.bincount(kind)
    means = np.stack([np.bincount(kind, column) for column in states.T], 1) / n_cells.clip(1)[:, None]
    within = states.astype(np.float64) - means[kind]
    rotation = np.eye(states.shape[1])
    used = np.flatnonzero(within.var(0) > USED_VARIANCE)
    if len(used) < 2 or len(within) <= len(used):
        return rotation
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # axes that are Gaussian are as good as any others
        unmixing = FastICA(whiten="unit-variance", max_iter=1000, random_state=seed).fit(within[:, used]).components_
    left, _, right = np.linalg.svd(unmixing / np.linalg.norm(unmixing, axis=1, keepdims=True))
    nearest = left @ right  # of all orthogonal matrices
    nearest = nearest[np.argsort(-(within[:, used] @ nearest.T).var(0), kind="stable")]
    nearest *= np.sign(nearest[np.arange(len(nearest)), np.abs(nearest).argmax(1)])[:, None]
    rotation[np.ix_(used, used)] = nearest
    return rotation
