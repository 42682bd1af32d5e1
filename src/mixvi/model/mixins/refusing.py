"""What models of several modalities cannot do."""

from collections.abc import Callable
from typing import NoReturn

REFUSED = (
    "augment",
    "train_augmenter",
    "traverse_state",
    "rank_state_genes",
    "differential_expression",
    "get_normalized_expression",
    "get_state_divergences",
    "get_arm_consensus",
    "prune_categories",
    "load_query_data",
)


def refusal(verb: str) -> Callable[..., NoReturn]:
    """A method that says what to do instead.

    Parameters
    ----------
    verb
        Its name, with brackets.

    Returns
    -------
    The method, which raises :class:`NotImplementedError` whatever it is called with.
    """

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise NotImplementedError(
            f"{verb} is for models of one modality. Train one on the AnnData of a modality; "
            "train(start='cpl_type') begins with types that are in its .obs."
        )

    refuse.__doc__ = f"{verb} is for models of one modality."
    return refuse


methods = {verb: refusal(f"{verb}()") for verb in REFUSED}
RefusingMixin = type("RefusingMixin", (), methods | {"_check_arms": refusal("train(prune=True)"), "__doc__": __doc__})
