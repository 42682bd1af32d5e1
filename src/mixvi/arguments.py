"""Numbers and names that a user passes, refused by one message if they are not such."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from anndata import AnnData


def check_whole(least: int = 1, **numbers: Any) -> None:
    """Refuse what is no whole number, or too small.

    Parameters
    ----------
    least
        The smallest number that is allowed.
    **numbers
        The arguments by name; None is not looked at.

    Raises
    ------
    TypeError
        If an argument is no number.
    ValueError
        If a number is not whole, or too small.

    Examples
    --------
    >>> check_whole(n_steps=11, n_cells=200)
    """
    for name, number in numbers.items():
        if number is None:
            continue
        _check_real(name, number)
        if isinstance(number, bool | np.bool_) or not isinstance(number, Integral) or number < least:
            raise ValueError(f"{name}={number} must be a whole number, at least {least}.")


def check_position(n: int, what: str, **numbers: Any) -> None:
    """Refuse what is not the position of one of ``n`` things, from 0.

    Parameters
    ----------
    n
        How many there are.
    what
        What they are called, ``"the model has arms"``.
    **numbers
        The arguments by name.

    Raises
    ------
    TypeError
        If an argument is no number.
    ValueError
        If there is none at that position.
    """
    for name, number in numbers.items():
        _check_real(name, number)
        if not isinstance(number, Integral) or not 0 <= number < n:
            raise ValueError(f"{name}={number} does not exist: {what} 0 to {n - 1}.")


def check_above(limit: float, **numbers: Any) -> None:
    """Refuse what is no finite number above a limit.

    Parameters
    ----------
    limit
        The limit.
    **numbers
        The arguments by name; None is not looked at.

    Raises
    ------
    TypeError
        If an argument is no number.
    ValueError
        If it is infinite, missing or not above the limit.
    """
    for name, number in numbers.items():
        if number is None:
            continue
        _check_real(name, number)
        if not limit < number < np.inf:
            raise ValueError(f"{name}={number} must be above {limit:g}, and finite.")


def check_between(least: float, most: float, **numbers: Any) -> None:
    """Refuse what is no number from ``least`` to ``most``.

    Parameters
    ----------
    least, most
        The limits, both allowed.
    **numbers
        The arguments by name; None is not looked at.

    Raises
    ------
    TypeError
        If an argument is no number.
    ValueError
        If it is missing or beyond the limits.
    """
    for name, number in numbers.items():
        if number is None:
            continue
        _check_real(name, number)
        if not least <= number <= most:
            raise ValueError(f"{name}={number} must be between {least:g} and {most:g}.")


def check_layer(adata: AnnData, layer: str | None) -> None:
    """Refuse a layer that is not there.

    Parameters
    ----------
    adata
        The cells.
    layer
        Name of a layer; None is ``.X``.

    Raises
    ------
    KeyError
        If there is no such layer.

    Examples
    --------
    >>> check_layer(AnnData(np.ones((2, 2)), layers={"counts": np.ones((2, 2))}), "counts")
    """
    if layer is not None and layer not in adata.layers:
        names = ", ".join(repr(name) for name in adata.layers if name is not None)  # None: .X, from AnnData 0.13 on
        raise KeyError(f"layer={layer!r} is not in adata.layers, which has {names or 'none'}.")


def check_anndata(adata: Any) -> None:
    """Refuse what is no AnnData.

    Parameters
    ----------
    adata
        Cells.

    Raises
    ------
    TypeError
        If it is something else.
    """
    if not isinstance(adata, AnnData):
        raise TypeError(f"adata must be an AnnData object, not {type(adata).__name__}.")


def check_names(**names: Any) -> None:
    """Refuse what is no text.

    Parameters
    ----------
    **names
        The arguments by name; None is not looked at.

    Raises
    ------
    TypeError
        If an argument is something else.
    """
    for argument, name in names.items():
        if name is not None and not isinstance(name, str):
            raise TypeError(f"{argument} must be a name, not {type(name).__name__}.")


def checked_indices(indices: Sequence[int] | None, n: int) -> np.ndarray | None:
    """Positions of cells.

    Parameters
    ----------
    indices
        Whole numbers from ``-n``, or ``n`` booleans; None for all cells.
    n
        Number of cells.

    Returns
    -------
    Positions from 0; None for None.

    Raises
    ------
    TypeError
        If these are neither numbers nor booleans.
    ValueError
        If there are none.
    IndexError
        If they are beyond the cells.

    Examples
    --------
    >>> checked_indices([0, -1], 3)
    array([0, 2])
    """
    if indices is None:
        return None
    positions = np.asarray(indices)
    if positions.ndim != 1 or not (positions.size == 0 or positions.dtype.kind in "iub"):
        raise TypeError("indices must be a list of positions of cells, or one boolean for each cell.")
    if positions.dtype.kind == "b":
        if len(positions) != n:
            raise IndexError(f"indices has {len(positions)} booleans, but there are {n} cells.")
        positions = np.flatnonzero(positions)
    if not len(positions):
        raise ValueError("indices names no cell.")
    if positions.min() < -n or positions.max() >= n:
        raise IndexError(f"indices go from {positions.min()} to {positions.max()}, but there are {n} cells.")
    return np.arange(n)[positions]


def _check_real(name: str, number: Any) -> None:
    if not isinstance(number, Real):
        raise TypeError(f"{name} must be a number, not {type(number).__name__}.")
