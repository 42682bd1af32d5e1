"""Checks of a model's arguments."""

from mixvi.arguments import check_above, check_between, check_names, check_whole
from mixvi.augment import Augmenter, augmenter_names
from mixvi.nn import HEADS
from mixvi.objective import COUPLINGS

SIZES = {"n_hidden", "n_bottleneck", "n_components", "n_latent"}
SWITCHES = {"shared_arms", "type_dependent_state"}


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
    check_above(0, temperature=temperature)
    check_names(coupling=coupling)
    if coupling not in COUPLINGS:
        raise ValueError(f"coupling={coupling!r} is unknown. Choose one of {', '.join(COUPLINGS)}.")
    if coupling_weight is not None:
        check_between(0, 1e12, coupling_weight=coupling_weight)


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
    if missing := [name for name, size in sizes.items() if size is None]:
        raise TypeError(f"{missing[0]} must be a number, not NoneType.")
    check_whole(n_categories=n_categories, **sizes)
    check_names(likelihood=likelihood)
    if n_categories is not None and n_cells is not None and not 2 <= n_categories <= n_cells:
        raise ValueError(f"n_categories={n_categories} must be at least 2 and at most the number of cells, {n_cells}.")
    if likelihood is not None and likelihood not in HEADS:
        raise ValueError(f"likelihood={likelihood!r} is unknown. Choose one of {', '.join(HEADS)}.")


def check_module(seed: int, **module_kwargs: object) -> None:
    """Raise an error that names an argument that no network can have.

    Parameters
    ----------
    seed
        The seed, a whole number from 0.
    **module_kwargs
        Further arguments. Numbers of things must be whole and at least 1, switches True or False, and a share of what
        is dropped at least 0 and below 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is none of that.
    """
    if seed is None:
        raise TypeError("seed must be a number, not NoneType.")
    check_whole(least=0, seed=seed)
    sizes = {name: module_kwargs[name] for name in SIZES & module_kwargs.keys()}
    check_whole(**{name: size for name, size in sizes.items() if not isinstance(size, dict | list | tuple)})
    check_between(0, 0.99, **{name: rate for name, rate in module_kwargs.items() if name == "dropout_rate"})
    for name in SWITCHES & module_kwargs.keys():
        if not isinstance(module_kwargs[name], bool):
            raise TypeError(f"{name} must be True or False, not {module_kwargs[name]!r}.")


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


def check_network(network: str, convolvable: bool) -> None:
    """Refuse a network that is unknown, or that does not fit the data.

    Parameters
    ----------
    network
        Its name.
    convolvable
        Whether the cells are images with a Bernoulli likelihood.

    Raises
    ------
    ValueError
        If so.
    """
    if network not in ("dense", "convolutional"):
        raise ValueError(f"network={network!r} must be 'dense' or 'convolutional'.")
    if network == "convolutional" and not convolvable:
        raise ValueError("network='convolutional' is for images with likelihood='bernoulli', pixels in [0, 1].")
