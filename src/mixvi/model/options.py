"""Checks of a model's arguments."""

from mixvi.nn import HEADS
from mixvi.objective import COUPLINGS


def check_options(
    *,
    n_cells: int,
    n_categories: int | None,
    n_arms: int,
    n_state: int,
    likelihood: str | None,
    coupling: str,
    coupling_weight: float | None,
) -> None:
    """Raise an error that names the argument and its possible values.

    Parameters
    ----------
    n_cells
        Number of cells.
    n_categories, n_arms, n_state, likelihood, coupling, coupling_weight
        As in :class:`mixvi.CplMixVI`.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    if n_categories is not None and not 2 <= n_categories <= n_cells:
        raise ValueError(f"n_categories={n_categories} must be at least 2 and at most the number of cells, {n_cells}.")
    for name, value in {"n_arms": n_arms, "n_state": n_state}.items():
        if value < 1:
            raise ValueError(f"{name}={value} must be at least 1.")
    if likelihood is not None and likelihood not in HEADS:
        raise ValueError(f"likelihood={likelihood!r} is unknown. Choose one of {', '.join(HEADS)}.")
    if coupling not in COUPLINGS:
        raise ValueError(f"coupling={coupling!r} is unknown. Choose one of {', '.join(COUPLINGS)}.")
    if coupling_weight is not None and coupling_weight < 0:
        raise ValueError(f"coupling_weight={coupling_weight} must not be negative.")
