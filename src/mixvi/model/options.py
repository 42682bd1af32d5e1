"""Checks of a model's arguments."""

from numbers import Integral

from mixvi.augment import Augmenter, augmenter_names
from mixvi.nn import HEADS
from mixvi.objective import COUPLINGS


def check_options(
    *,
    n_cells: int | None,
    n_categories: int | None,
    n_arms: int,
    n_state: int,
    likelihood: str | None,
    coupling: str | None = None,
    coupling_weight: float | None = None,
    temperature: float = 1.0,
) -> None:
    """Raise an error that names the argument and its possible values.

    Parameters
    ----------
    n_cells
        Number of cells to train on; None for a model that was trained before.
    n_categories, n_arms, n_state, likelihood, coupling, coupling_weight, temperature
        As in :class:`mixvi.CplMixVI`.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    check_sizes(n_cells, likelihood, n_categories=n_categories, n_arms=n_arms, n_state=n_state)
    if temperature <= 0:
        raise ValueError(f"temperature={temperature} must be above 0.")
    if coupling not in COUPLINGS:
        raise ValueError(f"coupling={coupling!r} is unknown. Choose one of {', '.join(COUPLINGS)}.")
    if coupling_weight is not None and coupling_weight < 0:
        raise ValueError(f"coupling_weight={coupling_weight} must not be negative.")


def check_sizes(n_cells: int | None, likelihood: str | None, n_categories: int | None, **sizes: int) -> None:
    """Raise an error that names the argument and its possible values.

    Parameters
    ----------
    n_cells
        Number of cells to train on; None for a model that was trained before.
    likelihood
        Name of the likelihood, or None.
    n_categories
        Number of types, or None.
    **sizes
        Other numbers, at least 1.

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    for name, value in ({"n_categories": n_categories} | sizes).items():
        if value is not None and (not isinstance(value, Integral) or value < 1):
            raise ValueError(f"{name}={value} must be a whole number, at least 1.")
    if n_categories is not None and n_cells is not None and not 2 <= n_categories <= n_cells:
        raise ValueError(f"n_categories={n_categories} must be at least 2 and at most the number of cells, {n_cells}.")
    if likelihood is not None and likelihood not in HEADS:
        raise ValueError(f"likelihood={likelihood!r} is unknown. Choose one of {', '.join(HEADS)}.")


def check_augmenter(augmenter: str | Augmenter, likelihood: str, images: bool = False) -> None:
    """Raise an error if the augmenter does not fit the values.

    Parameters
    ----------
    augmenter, likelihood
        As in :class:`mixvi.CplMixVI`.
    images
        Whether the cells are images.

    Raises
    ------
    ValueError
        If it does not fit.
    TypeError
        If it is neither a name nor callable.
    """
    if callable(augmenter):
        return
    counts = HEADS[likelihood].counts
    for name in augmenter_names(augmenter):
        if (name == "thinning" and not counts) or (name == "gene_split" and counts):
            fits = "counts" if name == "thinning" else "values that are not counts"
            raise ValueError(f"augmenter={name!r} is for {fits}, but likelihood={likelihood!r} is not.")
        if name == "affine" and not images:
            raise ValueError(
                "augmenter='affine' is for images, but adata.uns['mixvi']['image_shape'] is not there. "
                "Make adata with mixvi.images.to_anndata(images)."
            )
        if name == "affine" and counts:
            raise ValueError(f"augmenter='affine' interpolates pixels, but likelihood={likelihood!r} needs counts.")
