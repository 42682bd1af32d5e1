"""Augmenters by name."""

from mixvi.augment.protocol import Augmenter
from mixvi.augment.split import CountSplit, GeneSplit, no_copies
from mixvi.augment.vaegan import VAEGAN

NAMES = ("thinning", "gene_split", "vaegan", "none")


def get_augmenter(augmenter: str | Augmenter, n_genes: int, n_components: int = 50, counts: bool = True) -> Augmenter:
    """The augmenter of a name, or the user's own.

    Parameters
    ----------
    augmenter
        ``"thinning"`` (counts only), ``"gene_split"``, ``"vaegan"`` (learned), ``"none"``, or a callable as in
        :class:`~mixvi.augment.Augmenter`.
    n_genes
        Number of genes.
    n_components
        Principal components that the learned augmenter sees.
    counts
        Whether the values are counts.

    Returns
    -------
    The augmenter.

    Raises
    ------
    ValueError
        If the name is unknown.
    TypeError
        If it is neither a name nor callable.
    """
    match augmenter:
        case "thinning":
            return CountSplit()
        case "gene_split":
            return GeneSplit(n_genes)
        case "vaegan":
            return VAEGAN(n_genes, n_components, counts)
        case "none":
            return no_copies
        case str():
            raise ValueError(
                f"augmenter={augmenter!r} is unknown. Choose one of {', '.join(NAMES)}, or pass a callable."
            )
        case _ if callable(augmenter):
            return augmenter
    raise TypeError(f"augmenter must be one of {', '.join(NAMES)} or a callable, not {type(augmenter).__name__}.")
