"""Angle and width of what an image shows (cpl-mixVAE, supplement H)."""

import numpy as np
from numpy.typing import ArrayLike


def principal_angle(images: ArrayLike) -> np.ndarray:
    """Angle between the principal axis of an image and the vertical.

    The image is taken for a solid with the brightness of pixels as its mass; the axis is the one along which it is
    longest, an eigenvector of its inertia matrix.

    Parameters
    ----------
    images
        Brightness, at least 0, shape ``(n, h, w)``.

    Returns
    -------
    Angles in ``[−π/2, π/2)``, positive if the upper end leans to the right; 0 for an empty image. Shape ``(n,)``.

    Raises
    ------
    ValueError
        If the shape is another, or a value is below 0.

    Examples
    --------
    >>> np.degrees(principal_angle([np.eye(5)[::-1], np.eye(5)])).round().tolist()
    [45.0, -45.0]
    """
    right, up, mass = _coordinates(images)
    xx, yy, xy = ((mass * moment).sum((1, 2)) for moment in (right * right, up * up, right * up))
    angle = 0.5 * np.arctan2(2 * xy, yy - xx)  # from the vertical, towards the right
    return np.where(angle >= np.pi / 2, angle - np.pi, angle)


def upright_width(images: ArrayLike) -> np.ndarray:
    """Width of what an image shows once its principal axis is vertical, as a share of the width of the image.

    Pixels that are not black are projected to the horizontal axis of the turned image; a pixel is as wide as one
    pixel whatever the angle.

    Parameters
    ----------
    images
        As in :func:`principal_angle`.

    Returns
    -------
    Widths, shape ``(n,)``; 0 for an empty image.

    Raises
    ------
    ValueError
        If the shape is another, or a value is below 0.

    Examples
    --------
    >>> bar = np.zeros((5, 5))
    >>> bar[:, 1:3] = 1
    >>> upright_width([bar, bar.T]).tolist()
    [0.4, 0.4]
    """
    right, up, mass = _coordinates(images)
    angle = principal_angle(images)[:, None, None]
    across = right * np.cos(angle) - up * np.sin(angle)
    shown = mass > 0
    highest = np.where(shown, across, -np.inf).max((1, 2))
    lowest = np.where(shown, across, np.inf).min((1, 2))
    some = shown.any((1, 2))
    return np.where(some, np.where(some, highest, 0) - np.where(some, lowest, 0) + 1, 0) / mass.shape[2]


def explained_share(values: ArrayLike, labels: ArrayLike) -> float:
    """Share of the variance of a quantity that is between labels, ``η²``: 0 if it does not depend on them.

    Parameters
    ----------
    values, labels
        One of each for every cell, shape ``(cells,)``.

    Returns
    -------
    From 0 to 1.

    Raises
    ------
    ValueError
        If their lengths differ.

    Examples
    --------
    >>> explained_share([0.0, 2.0, 4.0, 6.0], ["a", "a", "b", "b"])
    0.8
    """
    values, labels = np.asarray(values, dtype=float), np.asarray(labels)
    if values.shape != labels.shape or values.ndim != 1:
        raise ValueError(f"values and labels must be as many, not {values.shape} and {labels.shape}.")
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.bincount(codes, values) / sizes
    total = np.square(values - values.mean()).sum()
    return float((sizes * np.square(means - values.mean())).sum() / total) if total > 0 else 0.0


def _coordinates(images: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions to the right and upwards of the centre of mass, and masses, each ``(n, h, w)``."""
    mass = np.asarray(images, dtype=float)
    if mass.ndim != 3 or (mass < 0).any():
        raise ValueError("images must have shape (n, h, w) and values of at least 0.")
    down, right = np.mgrid[: mass.shape[1], : mass.shape[2]].astype(float)
    total = mass.sum((1, 2)).clip(np.finfo(float).tiny)

    def centred(position: np.ndarray) -> np.ndarray:
        return position - ((mass * position).sum((1, 2)) / total)[:, None, None]

    return centred(right), centred(-down), mass
