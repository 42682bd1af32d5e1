"""Whether models generate cells of the type that is asked for, and how far their types are apart in the latent."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from rich.console import Console
from scvi.model.base import BaseModelClass

from mixvi.bench.data import Cells
from mixvi.bench.judging import Judge
from mixvi.bench.others import untrained
from mixvi.bench.records import versions, write_json
from mixvi.metrics import cluster_mmd, generation_accuracy
from mixvi.model import MoESimVI, VaDEVI
from mixvi.nn import HEADS

FOLDER = "generation"  # of the records, below that of the others
MODELS: dict[str, tuple[type[BaseModelClass], dict]] = {
    "moesimvi_k": (MoESimVI, {}),
    "similarity=none": (MoESimVI, {"similarity_weight": 0.0}),
    "vadevi": (VaDEVI, {}),
}
TITLES = {
    "moesimvi_k": "MoESimVI",
    "similarity=none": "MoESimVI, no similarity term",
    "vadevi": "VaDEVI",
}
IMAGES, CELLS = 10_000, 1_000  # generated of each type; the former as in the paper
FEWEST = 50  # cells of a type whose latent is compared with others
SHOWN = (0.0, 0.9, 0.999)  # thresholds of the posterior in the printed line


def run_generation(
    data: str,
    load: Callable[[], Cells],
    models: list[str],
    n_seeds: int = 1,
    out: Path = Path("docs/benchmarks"),
    fresh: bool = False,
    console: Console | None = None,
    n_each: int | None = None,
    train: dict | None = None,
) -> list[dict]:
    """Train models that are told the number of labels, let them generate, and judge that; skip what is recorded.

    Writes ``OUT/generation/DATA/MODEL/SEED.json`` for every run.

    Parameters
    ----------
    data
        Name of the data set.
    load
        Gives its cells.
    models
        Names among ``MODELS``.
    n_seeds, out, fresh, console
        As in :func:`mixvi.bench.types.run_types`.
    n_each
        Cells of each type; if None, 10,000 images or 1,000 cells.
    train
        Arguments of the models' ``train``.

    Returns
    -------
    The records, see ``judged``, with ``"seconds"`` of the training.
    """
    console = console or Console(quiet=True)
    judges: list[Judge] = []  # one for all models: they see the same values
    records = []
    for name in models:
        for seed in range(n_seeds):
            path = out / FOLDER / data / name / f"{seed}.json"
            if fresh or not path.exists():
                cells = load()
                model_class, kwargs = MODELS[name]
                model = untrained(cells, seed, model_class, **kwargs)
                if not judges:
                    counts = HEADS[model.init_params_["non_kwargs"]["likelihood"]].counts
                    judges.append(Judge(cells, model.adata.X, counts))
                started = time.perf_counter()
                model.train(enable_progress_bar=False, **(train or {}))
                seconds = {"seconds": round(time.perf_counter() - started, 1)}
                about = {"data": data, "model": name, "seed": seed, **seconds}
                found = judged(model, cells, judges[0], n_each or (IMAGES if cells.is_images else CELLS))
                write_json(path, about | found | {"versions": versions(), "threads": torch.get_num_threads()})
            records.append(json.loads(path.read_text()))
            console.print(f"{TITLES[name]}, seed {seed}: {_line(records[-1])}", soft_wrap=True, highlight=False)
    return records


def judged(model: BaseModelClass, cells: Cells, judge: Judge, n_each: int) -> dict:
    """Let a trained model generate cells of each of its types, and see what they are taken for.

    A type is taken to be what most of its labelled cells are.

    Parameters
    ----------
    model
        The model.
    cells
        Its cells and their labels.
    judge
        What tells the label of a cell.
    n_each
        Cells to generate of each type.

    Returns
    -------
    ``"generated"`` by threshold of the posterior (:func:`~mixvi.metrics.generation_accuracy`; missing is None);
    ``"real"``, the share of the held-out cells of a type that are judged as what the type is, on average over types:
    what is to be expected where types mix labels; ``"judge"``, its accuracy on held-out cells; ``"mmd"``, mean MMD² of
    latents ``"within"`` and ``"between"`` types with 50 cells or more, from ``"n_samples"`` cells (the statistic of
    the paper is the product); and numbers of ``"types"`` and of
    ``"labels"`` that they are.
    """
    types = pd.Series(model.get_cell_types().astype(str).to_numpy())
    labels = pd.Series(cells.labels.to_numpy())
    meaning = labels.groupby(types).agg(lambda part: part.value_counts().idxmax() if part.notna().any() else None)
    meaning = meaning.dropna().astype(str)
    draws = pd.concat([_draws(model, name, meaning[name], judge, n_each) for name in meaning.index])
    accuracy = generation_accuracy(draws["requested"], draws["judged"], draws["probability"])
    real = types.iloc[judge.held_out].map(meaning)
    right = pd.Series(judge.judged == real.to_numpy()).groupby(types.iloc[judge.held_out].to_numpy()).mean()
    return {
        "generated": {
            f"{threshold:g}": {key: _finite(value) for key, value in row.items()}
            for threshold, row in accuracy.iterrows()
        },
        "real": round(float(right.mean()), 4),
        "judge": round(judge.accuracy, 4),
        "mmd": _separation(model.get_latent_representation(), types.to_numpy()),
        "types": int(types.nunique()),
        "labels": int(meaning.nunique()),
    }


def _draws(model: BaseModelClass, name: str, label: str, judge: Judge, n: int) -> pd.DataFrame:
    """Cells that were generated as a type: what was meant, how they are judged, and the type's posterior."""
    everything = {"threshold": 0.0} if isinstance(model, VaDEVI) else {}
    new: AnnData = model.generate(name, n, **everything)
    probability = new.obs[f"{model._key_prefix}_probability"].clip(0, 1)
    return pd.DataFrame({"requested": label, "judged": judge(new.X), "probability": probability.to_numpy()})


def _separation(latent: np.ndarray, types: np.ndarray) -> dict[str, float | int | None]:
    """Mean MMD² within and between types that are not too small."""
    names, sizes = np.unique(types, return_counts=True)
    large = np.isin(types, names[sizes >= FEWEST])
    if len(np.unique(types[large])) < 2:
        return {"within": None, "between": None, "n_samples": 0}
    table = cluster_mmd(latent[large], types[large])
    values, diagonal = table.to_numpy() / table.attrs["n_samples"], np.eye(len(table), dtype=bool)
    return {
        "within": round(float(values[diagonal].mean()), 4),
        "between": round(float(values[~diagonal].mean()), 4),
        "n_samples": table.attrs["n_samples"],
    }


def _finite(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _line(record: dict) -> str:
    """One record in a line."""
    at = {threshold: record["generated"][f"{threshold:g}"] for threshold in SHOWN}
    shares = ", ".join(
        f"{_text(row['accuracy'])} at {threshold:g} ({_text(row['draws'], 2)} draws a cell)"
        for threshold, row in at.items()
    )
    mmd = record["mmd"]
    return (
        f"as requested {shares}; real cells {record['real']:.3f}; MMD² within {_text(mmd['within'])}, between "
        f"{_text(mmd['between'])}; {record['seconds']:.0f} s"
    )


def _text(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
