"""Going on with a training that was interrupted, as if it had not been."""

import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from scvi.train._logger import SimpleLogger
from torch import nn

from mixvi.files import written_whole
from mixvi.train.ranks import draw_as_rank

FILE = "training.ckpt"
FORMAT = 1


class Checkpoints(Callback):
    """Write what a training knows at the start of an epoch, every few epochs; and begin with what was written.

    Everything is kept that the rest of the training depends on: parameters and moving averages, the optimisers,
    counters, random states, history, and what other callbacks know. On a CPU the result is the same, bit for bit, as
    without an interruption (where torch computes with MKL, set ``MKL_CBWR=AVX2,STRICT`` in the environment: without it
    sums may differ in the last bit from process to process).

    Parameters
    ----------
    path
        The file; None to write nothing.
    about
        What is trained how, see :func:`read_checkpoint`.
    every
        Epochs between checkpoints.
    saved
        What :func:`read_checkpoint` read, to go on from there.

    Attributes
    ----------
    labels
        Types of the cells that the training starts from, shape ``(cells,)``, which are kept, too; None without any.
    """

    def __init__(
        self,
        path: Path | None,
        about: dict[str, Any],
        every: int,
        saved: dict[str, Any] | None = None,
    ):
        self.path, self.about, self.every, self.saved = path, about, every, saved
        labels = None if saved is None else saved["labels"]
        self.labels: np.ndarray | None = None if labels is None else labels.numpy()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set counters, optimisers, history and callbacks to what was saved."""
        if self.saved is None:
            return
        set_progress(trainer, **self.saved["progress"])
        for optimizer, state in zip(trainer.optimizers, self.saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        if self.saved["start_is_over"]:
            pl_module.start = None
        if isinstance(trainer.logger, SimpleLogger) and trainer.is_global_zero:
            trainer.logger.experiment.data = {
                name: to_history(part, name) for name, part in self.saved["history"].items()
            }
        for callback in trainer.callbacks:
            if state := self.saved["callbacks"].get(callback.state_key):
                callback.load_state_dict(state)

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Set the random state to what was saved, once; or write a checkpoint, when it is time."""
        if self.saved is not None:
            set_random_state(self.saved["random"])
            draw_as_rank(trainer.global_rank)
            self.saved = None
        elif self.path is not None and trainer.is_global_zero and self._is_time(trainer.current_epoch):
            self.write(trainer, pl_module)

    def _is_time(self, epoch: int) -> bool:
        return epoch > 0 and epoch % self.every == 0

    def remove(self) -> None:
        """Remove the checkpoint of a training that is done."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def write(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write a checkpoint, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written; an older one is then still there.
        """
        parts = {
            "format": FORMAT,
            "about": self.about,
            "labels": None if self.labels is None else torch.as_tensor(self.labels),
            "module": pl_module.module.state_dict(),
            "n_categories": pl_module.module.n_categories,
            "start_is_over": getattr(pl_module, "start", None) is None,
            "optimizers": [optimizer.state_dict() for optimizer in trainer.optimizers],
            "progress": progress(trainer),
            "random": random_state(),
            "history": history_of(trainer),
            "callbacks": {callback.state_key: callback.state_dict() for callback in trainer.callbacks},
        }
        with written_whole(self.path) as temporary:
            try:
                torch.save(parts, temporary)
            except RuntimeError as error:  # which torch makes of the system's
                raise OSError(f"{self.path} could not be written: {error}") from error


def read_checkpoint(path: Path, about: dict[str, Any]) -> dict[str, Any] | None:
    """Read a checkpoint; only numbers, text and containers of them are read.

    Parameters
    ----------
    path
        The file.
    about
        What is trained how, by name: numbers and text, which have to be those of the checkpoint.

    Returns
    -------
    What was saved; None if there is no such file.

    Raises
    ------
    ValueError
        If the file is damaged, or of another training.
    """
    if not path.exists():
        return None
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        of_other = {name: (value, saved["about"].get(name)) for name, value in about.items()}
        same_format = saved["format"] == FORMAT
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise ValueError(f"{path} is damaged, or no checkpoint of mixvi. Remove it to train from the start.") from error
    if not same_format:
        raise ValueError(f"{path} is of another version of mixvi. Remove it to train from the start.")
    if other := {name: pair for name, pair in of_other.items() if pair[0] != pair[1]}:
        name, (now, then) = next(iter(other.items()))
        raise ValueError(
            f"{path} is of another training: its {name} is {then!r}, not {now!r}. Train as before to go on with it, or "
            "remove it to train from the start."
        )
    return saved


def take_up(module: nn.Module, saved: dict[str, Any]) -> None:
    """Give a module the categories and parameters that were saved."""
    if saved["n_categories"] < module.n_categories:
        module.keep_categories(torch.arange(saved["n_categories"]))
    module.load_state_dict(saved["module"])


def progress(trainer: Trainer) -> dict[str, int]:
    """Numbers of epochs and steps that are done."""
    loop = trainer.fit_loop.epoch_loop
    return {"epochs": trainer.current_epoch, "steps": trainer.global_step, "batches": loop._batches_that_stepped}


def set_progress(trainer: Trainer, epochs: int, steps: int, batches: int) -> None:
    """Let a trainer count from here."""
    done = trainer.fit_loop.epoch_progress
    for counted in (done.current, done.total):
        counted.ready = counted.started = counted.processed = counted.completed = epochs
    loop = trainer.fit_loop.epoch_loop
    loop._batches_that_stepped = batches
    stepped = loop.automatic_optimization.optim_progress.optimizer.step
    if not trainer.lightning_module.automatic_optimization:
        stepped = loop.manual_optimization.optim_step_progress
    stepped.total.ready = stepped.total.completed = steps


def random_state() -> dict[str, Any]:
    """State of the generators of torch, numpy and Python."""
    kind, keys, *others = np.random.get_state()
    version, python, gauss = random.getstate()
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": [kind, torch.from_numpy(keys.astype(np.int64)), *others],
        "python": [version, list(python), gauss],
    }


def set_random_state(state: dict[str, Any]) -> None:
    """Undo :func:`random_state`."""
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    kind, keys, *others = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *others))
    version, python, gauss = state["python"]
    random.setstate((version, tuple(python), gauss))


def history_of(trainer: Trainer) -> dict[str, dict[str, Any]]:
    """What was logged so far; nothing if it went elsewhere, to TensorBoard say."""
    logged = trainer.logger.experiment.data if isinstance(trainer.logger, SimpleLogger) else {}
    return {name: from_history(table) for name, table in logged.items()}


def from_history(table: pd.DataFrame) -> dict[str, Any]:
    """A table of the history as numbers and text."""
    return {
        "index": table.index.name,
        "at": [int(i) for i in table.index],
        "value": [float(v) for v in table.iloc[:, 0]],
    }


def to_history(part: dict[str, Any], name: str) -> pd.DataFrame:
    """Undo :func:`from_history`."""
    index = pd.Index(part["at"], name=part["index"], dtype=object)
    return pd.DataFrame({name: pd.Series(part["value"], index=index, dtype=object)})
