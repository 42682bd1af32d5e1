"""The tools whose training steps are timed, each with random counts of one size."""

import logging
import time
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import scvi
import torch
from anndata import AnnData
from scvi.model.base import BaseModelClass

from mixvi.bench.speed.clock import StepClock
from mixvi.bench.speed.floor import n_operations, synchronise
from mixvi.bench.speed.naive import naive_steps
from mixvi.bench.speed.size import Size, random_counts, random_images
from mixvi.model import CplMixVI

WARM_UP, N_STEPS = 4, 24


def time_mixvi(size: Size, device: str = "cpu", n_steps: int = N_STEPS, precision: str = "32-true") -> dict:
    """Time the training steps of CplMixVI, and count their operations.

    Parameters
    ----------
    size
        Sizes.
    device
        ``"cpu"`` or ``"cuda"``.
    n_steps
        Steps that count.
    precision
        Of the numbers, as Lightning names it.

    Returns
    -------
    Seconds a step (``mean``, ``median``, ``fastest``), its ``operations``, and of all cells ``types_seconds``, and
    ``inference_seconds`` with the agreement of the arms and outliers.
    """
    return _time_coupled(random_counts(size), size, device, n_steps, precision)


def time_images(size: Size, device: str = "cpu", n_steps: int = N_STEPS, precision: str = "32-true") -> dict:
    """As :func:`time_mixvi`, of square images with ``n_genes`` pixels."""
    return _time_coupled(random_images(size), size, device, n_steps, precision)


def _time_coupled(adata: AnnData, size: Size, device: str, n_steps: int, precision: str) -> dict:
    """Time CplMixVI with any cells."""
    model = coupled_model(adata, size)
    seconds = time_training(model, size, device, n_steps, start="random", precision=precision)
    module = model.module.train().to(device)
    batch = next(iter(model._make_data_loader(adata, batch_size=size.batch_size)))
    batch = {key: values.to(device) for key, values in batch.items()}
    operations = n_operations(lambda: module(batch)[2].loss.backward())
    return seconds | {
        "operations": operations,
        "inference_seconds": _seconds(model.get_cell_types, device),
        "types_seconds": _seconds(model.get_type_probabilities, device),
    }


def coupled_model(adata: AnnData, size: Size) -> CplMixVI:
    """CplMixVI of a size, of cells that it sets up."""
    CplMixVI.setup_anndata(adata)
    names = ("n_arms", "n_categories", "n_state", "n_hidden", "n_bottleneck")
    return CplMixVI(adata, **{name: getattr(size, name) for name in names})


def time_scvi(size: Size, device: str = "cpu", n_steps: int = N_STEPS, precision: str = "32-true") -> dict:
    """As :func:`time_mixvi`, of scVI with its defaults; ``latent_seconds`` are of the latents of all cells."""
    adata = random_counts(size)
    scvi.model.SCVI.setup_anndata(adata)
    model = scvi.model.SCVI(adata)
    seconds = time_training(model, size, device, n_steps, precision=precision)
    return seconds | {"latent_seconds": _seconds(partial(_encode, model, adata, size.batch_size), device)}


def time_naive(size: Size, device: str = "cpu", n_steps: int = N_STEPS) -> dict:
    """As :func:`time_mixvi`, of the papers' step written plainly."""
    x = torch.tensor(random_counts(size).X.log1p().toarray(), device=device)
    step = naive_steps(x, size)
    clock = StepClock(WARM_UP, device)
    for _ in range(WARM_UP + n_steps):
        clock.on_train_batch_start()
        step()
    clock.on_train_end()
    return clock.seconds_per_step()


TOOLS: dict[str, Callable[..., dict]] = {
    "mixvi": time_mixvi,
    "images": time_images,
    "naive": time_naive,
    "scvi": time_scvi,
}
RIVALS = ("naive", "scvi")


def time_training(model: BaseModelClass, size: Size, device: str, n_steps: int, **kwargs) -> dict[str, float]:
    """Train for a while, as users do, and time the steps."""
    clock = StepClock(WARM_UP, device)
    per_epoch = max(1, size.n_cells // size.batch_size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        model.train(
            max_epochs=int(np.ceil((WARM_UP + n_steps) / per_epoch)),
            max_steps=WARM_UP + n_steps,
            batch_size=size.batch_size,
            train_size=1.0,
            accelerator="gpu" if device == "cuda" else device,
            callbacks=[clock],
            enable_progress_bar=False,
            **kwargs,
        )
    return clock.seconds_per_step()


def _encode(model: BaseModelClass, adata: AnnData, batch_size: int) -> None:
    """ScVI's latent representation of all cells."""
    model.get_latent_representation(adata, batch_size=batch_size)


def _seconds(function: Callable[[], object], device: str) -> float:
    """Of a call."""
    started = time.perf_counter()
    function()
    synchronise(device)
    return time.perf_counter() - started
