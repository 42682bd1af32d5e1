"""How well cells are reconstructed."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

SMALLEST = 1e-7  # a probability of 0 would cost infinitely much


def reconstruction_error(values: ArrayLike, expected: ArrayLike, kind: str = "bernoulli") -> float:
    """Error of a reconstruction, averaged over cells and genes (or pixels).

    Parameters
    ----------
    values, expected
        Cells, and what a model expects in their place, of shape ``(cells, genes)``.
    kind
        ``"bernoulli"``: cross-entropy of values in [0, 1], in nats of a pixel: the papers' ``L_rec`` (Table S1).
        ``"squared"``: squared error.

    Returns
    -------
    The error.

    Raises
    ------
    ValueError
        If shapes differ, ``kind`` is neither, or values are not in [0, 1] for ``"bernoulli"``.

    Examples
    --------
    >>> round(reconstruction_error([[1.0, 0.0]], [[0.5, 0.25]]), 4)
    0.4904
    """
    x, mean = np.asarray(values, dtype=float), np.asarray(expected, dtype=float)
    if x.shape != mean.shape:
        raise ValueError(f"values have shape {x.shape}, but expected has {mean.shape}.")
    if not x.size or not (np.isfinite(x).all() and np.isfinite(mean).all()):
        raise ValueError("values and expected must hold finite numbers, at least one.")
    if kind == "squared":
        return float(np.square(x - mean).mean())
    if kind != "bernoulli":
        raise ValueError(f"kind={kind!r} must be 'bernoulli' or 'squared'.")
    if x.min() < 0 or x.max() > 1 or mean.min() < 0 or mean.max() > 1:
        raise ValueError("kind='bernoulli' needs values in [0, 1].")
    mean = mean.clip(SMALLEST, 1 - SMALLEST)
    return float(-(xlogy(x, mean) + xlogy(1 - x, 1 - mean)).mean())
