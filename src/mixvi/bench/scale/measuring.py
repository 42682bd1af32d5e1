"""Time and memory of a model of cells in a file, each job in a process of its own."""

import logging
import math
import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from anndata import read_h5ad
from lightning.pytorch import Callback

from mixvi.bench.scale.cells import N_TYPES
from mixvi.loading import open_cells
from mixvi.metrics import clustering_scores
from mixvi.model import CplMixVI, MoESimVI

MODELS = {"cplmixvi": CplMixVI, "moesimvi": MoESimVI}  # the latter takes cells in memory
BATCH_SIZE = 512


def alone(job: Callable[..., dict], *args: object) -> dict:
    """Run a job in a process of its own.

    Parameters
    ----------
    job
        A function of this module.
    *args
        Its arguments.

    Returns
    -------
    What it returns, and ``peak_gb``, the most memory that the process had.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_watched, job, *args).result()


def train(name: str, cells: Path, model: Path, n_steps: int, threads: int) -> dict:
    """Set cells up, train a model for some steps, and save it.

    Parameters
    ----------
    name
        Of :data:`MODELS`.
    cells
        The file of cells.
    model
        Folder for the model.
    n_steps
        Training steps.
    threads
        Of torch.

    Returns
    -------
    Times of ``setup`` (every value is looked at, or read into memory), of ``training`` (the start, the steps, and a
    look at all cells in the end), and of the ``steps`` alone; ``base_gb``, the memory of a process that has only
    imported the package.
    """
    torch.set_num_threads(threads)
    base, clock, model_class = peak_gb(), Stopwatch(), MODELS[name]
    adata = open_cells(cells) if model_class is CplMixVI else read_h5ad(cells)
    model_class.setup_anndata(adata)
    trained = model_class(adata, n_categories=N_TYPES)
    setup = clock.lap()
    steps = StepTimes()
    n_epochs = math.ceil(n_steps / (adata.n_obs // BATCH_SIZE))
    trained.train(
        max_epochs=n_epochs,
        max_steps=n_steps,
        batch_size=BATCH_SIZE,
        plan_kwargs={"n_steps_kl_warmup": max(1, n_steps // 5)},
        callbacks=[steps],
        enable_progress_bar=False,
        accelerator="cpu",
    )
    training = clock.lap()
    trained.save(model)
    return {"setup": setup, "training": training, "steps": steps.times, "base_gb": base}


def find_types(name: str, cells: Path, model: Path, threads: int, outliers: bool) -> dict:
    """Find the types of all cells, which stay in their file, with a saved model.

    Parameters
    ----------
    name, cells, model, threads
        As in :func:`train`.
    outliers
        Tell outliers, too.

    Returns
    -------
    The ``inference`` time, that to read the values included, and the adjusted Rand index of types and labels, ``ARI``.
    """
    torch.set_num_threads(threads)
    trained, adata = MODELS[name].load(model, adata=False), open_cells(cells)
    clock = Stopwatch()
    types = trained.get_cell_types(adata, outliers=outliers)
    return {"inference": clock.lap(), "ARI": clustering_scores(adata.obs["label"], types)["ARI"]}


class Stopwatch:
    """Time since it was last looked at: ``seconds``, and ``cpu_seconds`` of all processors that worked for it."""

    def __init__(self):
        self.last = time.perf_counter(), time.process_time()

    def lap(self) -> dict[str, float]:
        """Time since the last lap."""
        before, self.last = self.last, (time.perf_counter(), time.process_time())
        seconds, cpu_seconds = (now - then for now, then in zip(self.last, before, strict=True))
        return {"seconds": seconds, "cpu_seconds": cpu_seconds}


class StepTimes(Callback):
    """Time of all training steps together, with the loading of their cells."""

    def on_train_start(self, *_) -> None:
        """Begin."""
        self.watch = Stopwatch()

    def on_train_end(self, *_) -> None:
        """End."""
        self.times = self.watch.lap()


def peak_gb() -> float:
    """Most memory that this process had so far, in 10^9 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)


def _watched(job: Callable[..., dict], *args: object) -> dict:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return job(*args) | {"peak_gb": peak_gb()}
