"""Running CplMixVI."""

import time

import numpy as np
import pandas as pd

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.variants import Variant
from mixvi.genes import expressed_genes, informative_genes
from mixvi.model import CplMixVI

POINTS = 50  # of a training's history that are kept
KEPT = ("elbo_train", "reconstruction_loss_train", "kl_local_train", "coupling_train", "agreement_train")


def run_cplmixvi(cells: Cells, seed: int, variant: Variant) -> Outcome:
    """Train CplMixVI and find the types.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of the model.
    variant
        How it departs from its defaults.

    Returns
    -------
    The partition ``"types"``, the states, and the history.
    """
    started = time.perf_counter()
    adata = (expressed_genes if variant.all_genes else informative_genes)(cells.adata)
    CplMixVI.setup_anndata(adata, batch_key=cells.batch_key if variant.batch_given else None)
    given = {"n_categories": cells.n_labels} if variant.categories_given else {}
    model = CplMixVI(adata, seed=seed, **given, **variant.model)
    before = time.perf_counter()
    model.train(enable_progress_bar=False, **variant.train)
    train_seconds = time.perf_counter() - before
    types = model.get_cell_types().astype(int).to_numpy()
    seconds = time.perf_counter() - started
    return Outcome(
        found={"types": Found(types, seconds)},
        train_seconds=train_seconds,
        settings=_settings(model, variant, given),
        states=model.get_states(),
        details={
            "history": thinned(model.history),
            "by_type": by_type(adata.obs),
        },
    )


def thinned(history: dict[str, pd.DataFrame]) -> dict[str, list[float]]:
    """At most 50 epochs of a training's history, evenly spaced, the first and the last among them.

    Parameters
    ----------
    history
        scvi-tools' history.

    Returns
    -------
    ``"epoch"``, counted from 1, and the losses and the agreement of the arms, rounded.
    """
    n_epochs = len(history["elbo_train"])
    at = np.unique(np.linspace(0, n_epochs - 1, min(POINTS, n_epochs)).round().astype(int))
    curves = {name: history[name].iloc[:, 0].to_numpy(float)[at] for name in KEPT}
    return {"epoch": (at + 1).tolist()} | {
        name: [float(f"{value:.4g}") for value in values] for name, values in curves.items()
    }


def by_type(obs: pd.DataFrame) -> dict[str, list]:
    """Cells, mean agreement of the arms and mean confidence of each type, the largest type first.

    Parameters
    ----------
    obs
        Columns as :meth:`mixvi.CplMixVI.get_cell_types` writes them.

    Returns
    -------
    Lists, one value a type.
    """
    groups = obs.groupby(obs["cpl_type"].astype(int))
    return {
        "n_cells": groups.size().tolist(),
        "agreement": groups["cpl_agreement"].mean().round(4).tolist(),
        "confidence": groups["cpl_confidence"].mean().round(4).tolist(),
    }


def _settings(model: CplMixVI, variant: Variant, given: dict) -> dict:
    """Arguments that were given, and those that were chosen from the data."""
    return {
        "given": variant.model | given | variant.train,
        "model": {name: value for name, value in model.init_params_["non_kwargs"].items() if name != "seed"},
        "epochs": len(model.history["elbo_train"]),
        "genes": model.adata.n_vars,
        "batch": model.registry["setup_args"]["batch_key"],
    }
