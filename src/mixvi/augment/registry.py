"""Augmenters by name."""

from functools import partial

from mixvi.augment.affine import Affine
from mixvi.augment.compose import Compose
from mixvi.augment.neighbours import Neighbours
from mixvi.augment.protocol import Augmenter
from mixvi.augment.split import CountSplit, GeneSplit, no_copies
from mixvi.augment.vaegan import VAEGAN
from mixvi.nn import ExpressionProjection, PixelProjection

NAMES = ("thinning", "gene_split", "neighbours", "vaegan", "affine", "none")
SPLITS = ("thinning", "gene_split")  # deal one cell among the arms
IMAGE_NETWORK = {"n_latent": 32, "n_hidden": 400}  # of "vaegan"; ten dimensions do not hold the shape of a digit


def get_augmenter(
    augmenter: str | Augmenter,
    n_genes: int,
    *,
    counts: bool = True,
    projection: ExpressionProjection | PixelProjection | None = None,
    image_shape: tuple[int, ...] | None = None,
) -> Augmenter:
    """The augmenter of a name, or the user's own.

    Parameters
    ----------
    augmenter
        ``"thinning"`` (counts only), ``"gene_split"``, ``"neighbours"``, ``"vaegan"`` (learned), ``"affine"`` (images
        only), ``"none"``, several names joined by ``+``, applied one after the other, or a callable as in
        :class:`~mixvi.augment.Augmenter`.
    n_genes
        Number of genes.
    counts
        Whether the values are counts.
    projection
        What the encoders see, for ``"neighbours"`` and ``"vaegan"``.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``, for ``"affine"`` and ``"vaegan"``.

    Returns
    -------
    The augmenter.

    Raises
    ------
    ValueError
        If the name is unknown, or what it needs is missing.
    TypeError
        If it is neither a name nor callable.
    """
    if callable(augmenter):
        return augmenter
    first, *others = augmenter_names(augmenter)
    if others:
        one = partial(get_augmenter, counts=counts, projection=projection, image_shape=image_shape)
        return Compose([one(name, n_genes) for name in (first, *others)])
    match first:
        case "thinning":
            return CountSplit()
        case "gene_split":
            return GeneSplit(n_genes)
        case "neighbours" if projection is not None:
            return Neighbours(projection, counts)
        case "vaegan" if image_shape is not None:
            return VAEGAN(n_genes, counts=False, image=True, **IMAGE_NETWORK)
        case "vaegan" if projection is not None:
            return VAEGAN(n_genes, projection.n_components, counts)
        case "affine" if image_shape is not None:
            return Affine(image_shape)
        case "none":
            return no_copies
    raise ValueError(f"augmenter={first!r} needs {'the image shape' if first == 'affine' else 'a projection'}.")


def augmenter_names(augmenter: str) -> list[str]:
    """The names in ``"a+b"``.

    Parameters
    ----------
    augmenter
        A name, or several joined by ``+``.

    Returns
    -------
    The names, in order.

    Raises
    ------
    ValueError
        If a name is unknown, is given twice, or must stand alone (``"vaegan"``) or come first (a split) and does not.
    TypeError
        If it is not a string.

    Examples
    --------
    >>> augmenter_names("thinning+neighbours")
    ['thinning', 'neighbours']
    """
    choices = f"{', '.join(NAMES)}, several joined by +"
    if not isinstance(augmenter, str):
        raise TypeError(f"augmenter must be one of {choices}, or a callable, not {type(augmenter).__name__}.")
    names = augmenter.split("+")
    if unknown := [name for name in names if name not in NAMES]:
        raise ValueError(f"augmenter={unknown[0]!r} is unknown. Choose one of {choices}, or pass a callable.")
    if len(set(names)) < len(names):
        raise ValueError(f"augmenter={augmenter!r} has a name twice.")
    if len(names) > 1 and "vaegan" in names:
        raise ValueError(f"augmenter={augmenter!r}: 'vaegan' stands alone.")
    if late := [name for name in names[1:] if name in SPLITS]:
        raise ValueError(f"augmenter={augmenter!r}: {late[0]!r} deals a cell among the arms and has to come first.")
    return names
