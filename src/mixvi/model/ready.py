"""Checks of a model's own cells and of the arguments of training, before long work starts."""

import inspect

import numpy as np
from anndata import AnnData

from mixvi.arguments import check_above, check_whole
from mixvi.loading import values_on_disk
from mixvi.model.checks import MIN_CELLS, check_likelihood, summarise

LOOKED_AT = 1000  # cells of a model, each time it is used
STRETCH = 100  # neighbours among them, in a file


def check_unchanged(adata: AnnData, genes: np.ndarray, layer: str | None, likelihood: str) -> None:
    """Refuse a model's cells whose genes or values are not what they were when the model was made.

    Looks at the names of all genes and at the values of up to a thousand cells.

    Parameters
    ----------
    adata
        The cells.
    genes
        The model's genes.
    layer
        Layer with the expression values; None for ``adata.X``.
    likelihood
        Name of the model's likelihood.

    Raises
    ------
    ValueError
        If they were changed.
    """
    hint = (
        "The model's cells were changed after setup_anndata. Undo that, or pass a copy of the cells as they were; for "
        "a model of the changed ones call setup_anndata and build a new model."
    )
    if not np.array_equal(adata.var_names, genes):
        raise ValueError(f"adata has other genes than the model, or another order. {hint}")
    if layer is not None and layer not in adata.layers:
        raise ValueError(f"adata.layers[{layer!r}] is no longer there. {hint}")
    starts = np.linspace(0, adata.n_obs - 1, min(adata.n_obs, LOOKED_AT)).astype(int)
    if values_on_disk(adata, layer):  # of which stretches are read, not single cells
        starts = (starts[::STRETCH, None] + np.arange(STRETCH)).clip(max=adata.n_obs - 1)
    some = adata[np.unique(starts)]
    try:
        check_likelihood(likelihood, summarise(some, layer, allow_empty_genes=True))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{hint} ({error})") from error


def check_plan(plan_cls: type, module: object, plan_kwargs: dict | None) -> None:
    """Refuse arguments that a training plan does not have.

    Parameters
    ----------
    plan_cls
        The training plan's class.
    module
        What it trains; arguments may be for its loss.
    plan_kwargs
        The arguments, or None.

    Raises
    ------
    TypeError
        If these are no dictionary, or one is unknown.
    ValueError
        If the learning rate is not above 0.
    """
    if plan_kwargs is None:
        return
    if not isinstance(plan_kwargs, dict):
        raise TypeError(f"plan_kwargs must be a dictionary such as {{'lr': 1e-3}}, not {type(plan_kwargs).__name__}.")
    takers = [cls.__init__ for cls in plan_cls.__mro__ if "__init__" in vars(cls)] + [module.loss]
    known = {name for taker in takers for name in inspect.signature(taker).parameters}
    if unknown := [name for name in plan_kwargs if name not in known]:
        raise TypeError(f"plan_kwargs: {plan_cls.__name__} has no argument {unknown[0]!r}.")
    check_above(0, **{f"plan_kwargs: {name}": plan_kwargs[name] for name in ("lr",) if name in plan_kwargs})


def check_training(adata: AnnData | None, max_epochs: int | None, batch_size: int | None, train_size: float) -> None:
    """Refuse to train without cells, or with numbers out of their range.

    Parameters
    ----------
    adata
        The model's cells.
    max_epochs, batch_size
        At least 1, or None.
    train_size
        Share of the cells that are trained on.

    Raises
    ------
    TypeError
        If a number is none.
    ValueError
        If there are no cells, or a number is out of its range.
    """
    if adata is None:
        raise ValueError("The model was loaded without its cells; load it with them to train it further.")
    check_whole(max_epochs=max_epochs, batch_size=batch_size)
    check_above(0, train_size=train_size)
    if train_size > 1:
        raise ValueError(f"train_size={train_size} must be above 0 and at most 1.")
    if train_size < 1 and round(train_size * adata.n_obs) < MIN_CELLS:  # queries may have few cells
        raise ValueError(
            f"train_size={train_size} leaves {round(train_size * adata.n_obs)} of {adata.n_obs} cells to train on; at "
            f"least {MIN_CELLS} are needed."
        )
