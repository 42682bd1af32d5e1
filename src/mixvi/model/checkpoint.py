"""Where a model keeps what its training knows, and whether that is of the same training."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scvi.model.base import BaseModelClass

from mixvi.arguments import check_whole
from mixvi.train.resuming import FILE, Checkpoints, read_checkpoint

LOOKED_AT = 64  # cells whose values are compared


def checkpoints_of(
    model: BaseModelClass, folder: str | Path | None, every: int, settings: dict[str, Any]
) -> Checkpoints:
    """What writes checkpoints of a model's training, with the one that is there.

    Parameters
    ----------
    model
        A model that is about to be trained.
    folder
        Folder of the checkpoint, which is made; None for no checkpoints.
    every
        Epochs between checkpoints.
    settings
        Arguments of the training.

    Returns
    -------
    The callback; ``saved`` is the checkpoint that is there, if any.

    Raises
    ------
    OSError
        If the folder cannot be made.
    ValueError
        If the checkpoint is damaged or of another training, or ``every`` is out of its range.
    """
    check_whole(checkpoint_every=every)
    if folder is None:
        return Checkpoints(None, {}, every)
    path, about = Path(folder) / FILE, describe_training(model, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    return Checkpoints(path, about, every, read_checkpoint(path, about))


def describe_training(model: BaseModelClass, settings: dict[str, Any]) -> dict[str, Any]:
    """What is trained how: numbers and text that are the same for the same model, cells and arguments.

    Parameters
    ----------
    model, settings
        As in :func:`checkpoints_of`.

    Returns
    -------
    Values by what an error calls them.
    """
    arguments = model.init_params_["kwargs"] | model.init_params_["non_kwargs"]
    with torch.random.fork_rng(devices=[]):  # loaders draw a number
        cells = np.arange(min(LOOKED_AT, model.adata.n_obs))
        first = next(iter(model._make_data_loader(model.adata, indices=cells, batch_size=len(cells))))
    about = {
        "model": type(model).__name__,
        "seed": int(model.seed_),
        "number of trainings before": int(model.n_trainings_),
        "number of cells": int(model.adata.n_obs),
        "names of the cells": _digest(model.adata.obs_names),
        "names of the genes": _digest(model.adata.var_names),
        "values of the first cells": [float(values.double().sum()) for _, values in sorted(first.items())],
    }
    return about | {name: _readable(value) for name, value in sorted((arguments | settings).items())}


def _digest(names: list[str]) -> str:
    return blake2b("\n".join(map(str, names)).encode(), digest_size=8).hexdigest()


def _readable(value: Any) -> Any:
    """Numbers and text as they are, of other things what is the same in another process."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(key): _readable(part) for key, part in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_readable(part) for part in value]
    return (
        getattr(value, "__qualname__", type(value).__qualname__) if isinstance(value, Callable) else repr(type(value))
    )
