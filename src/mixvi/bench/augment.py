"""How well an augmenter's copies keep their type, and how far they are from their cells."""

import json
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from scipy import sparse
from torch import Tensor

from mixvi.bench.data import Cells, check_name, load_cells
from mixvi.bench.image_classifier import ImageClassifier
from mixvi.bench.judging import log_normalised
from mixvi.bench.records import versions, write_json
from mixvi.genes import informative_genes
from mixvi.images import shape_of_images
from mixvi.metrics import label_preservation
from mixvi.model import CplMixVI
from mixvi.model.seeding import seeded

SAMPLE_CELLS = 10_000  # that projections are estimated from
DISTANT_CELLS = 2_000  # whose distances are measured, to each other and to their copies
BATCH = 1_024
COARSE = "class"  # a second column of labels, where there is one


def run_augment(
    data: str,
    augmenter: str = "vaegan",
    n_seeds: int = 1,
    out: Path = Path("docs/benchmarks/augment"),
    fresh: bool = False,
    console: Console | None = None,
) -> list[dict]:
    """Copy the cells of a data set with the seeds 0, 1, …, and score the copies; skip what is recorded.

    Writes ``OUT/DATA/AUGMENTER/SEED.json`` for every run. The augmenter is fitted to all cells, without labels. Cells
    are scored by cross-validation; of images, the last seventh (MNIST's own test images) by a convolutional
    network that is trained on the others.

    Parameters
    ----------
    data
        Name of the data set.
    augmenter
        Name of the augmenter, as :class:`~mixvi.CplMixVI` takes it.
    n_seeds
        Number of seeds.
    out
        Folder of the records.
    fresh
        Run again what is recorded, and replace it.
    console
        Where to print; nowhere if None.

    Returns
    -------
    The records: ``"labels"`` (:func:`~mixvi.metrics.label_preservation`, by column), ``"distances"``
    (:func:`copy_distances`), and ``"seconds"`` of fitting or training the augmenter.

    Raises
    ------
    ValueError
        If a name is unknown, or the augmenter does not fit the data.

    Examples
    --------
    >>> run_augment("mnist")  # doctest: +SKIP
    """
    console = console or Console(quiet=True)
    check_name(data)
    cells, records = None, []
    for seed in range(n_seeds):
        path = out / data / augmenter / f"{seed}.json"
        if fresh or not path.exists():
            cells = cells or load_cells(data)
            write_json(path, _run(cells, augmenter, seed))
        records.append(json.loads(path.read_text()))
        console.print(f"{augmenter} on {data}, seed {seed}: {_line(records[-1])}", soft_wrap=True, highlight=False)
    return records


def copy_distances(cells: Tensor, first: Tensor, second: Tensor) -> dict[str, float]:
    """Median distances of cells and their copies.

    Parameters
    ----------
    cells, first, second
        Cells and two copies of each, as the arms see them: shape ``(cells, features)``.

    Returns
    -------
    ``"copy_cell"`` of a copy to its cell, ``"copy_copy"`` of its copies to each other, ``"nearest_cell"`` of a cell
    to the nearest other one, and ``"random_cells"`` between any two.

    Examples
    --------
    >>> cells = torch.tensor([[0.0], [4.0]])
    >>> copy_distances(cells, cells + 1, cells - 1)
    {'copy_cell': 1.0, 'copy_copy': 2.0, 'nearest_cell': 4.0, 'random_cells': 4.0}
    """
    between = torch.cdist(cells, cells)
    off_diagonal = between[~torch.eye(len(cells), dtype=torch.bool)]
    nearest = off_diagonal.view(len(cells), -1).amin(1)
    distances = {
        "copy_cell": (first - cells).norm(dim=1),
        "copy_copy": (first - second).norm(dim=1),
        "nearest_cell": nearest,
        "random_cells": off_diagonal,
    }
    return {name: round(float(values.median()), 3) for name, values in distances.items()}


def _run(cells: Cells, augmenter: str, seed: int) -> dict:
    shape = shape_of_images(cells.adata)
    adata = cells.adata.copy() if shape else informative_genes(cells.adata)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=cells.n_labels, augmenter=augmenter, seed=seed)
    x = torch.as_tensor(adata.X.toarray() if sparse.issparse(adata.X) else np.asarray(adata.X), dtype=torch.float32)
    order = np.random.default_rng(seed).permutation(len(x))
    started = time.perf_counter()
    model.module.fit_to(x[order[:SAMPLE_CELLS]], seed)
    if augmenter == "vaegan":
        model.train_augmenter(enable_progress_bar=False)
    seconds = time.perf_counter() - started
    with seeded(seed):
        first, second = torch.cat([model.module.augment(part, 2) for part in x.split(BATCH)], 1)
    test = np.arange(len(x)) >= len(x) - len(x) // 7  # images only
    near = np.flatnonzero(test)[:DISTANT_CELLS] if shape else order[:DISTANT_CELLS]
    distances = copy_distances(*(model.module.projection(values[near]) for values in (x, first, second)))
    counts = model.module.head.counts
    scored = [log_normalised(values.numpy()) if counts else values.numpy() for values in (x, first)]
    how = {"classifier": ImageClassifier(shape), "test": test} if shape else {}
    columns = {"finest": cells.labels}
    if COARSE in adata.obs and adata.obs[COARSE].nunique() > 1:
        columns[COARSE] = adata.obs[COARSE].astype(object)
    labels = {
        name: {key: round(value, 4) for key, value in label_preservation(*scored, labels, **how).items()}
        for name, labels in columns.items()
    }
    return {
        "data": cells.name,
        "augmenter": augmenter,
        "seed": seed,
        "labels": labels,
        "distances": distances,
        "seconds": round(seconds, 1),
        "cells": len(x),
        "genes": adata.n_vars,
        "versions": versions(),
        "threads": torch.get_num_threads(),
    }


def _line(record: dict) -> str:
    """One record in a line."""
    kept = ", ".join(f"{name} {score['preserved']:.3f}" for name, score in record["labels"].items())
    d = record["distances"]
    return (
        f"labels kept {kept}; copy to cell {d['copy_cell'] / d['nearest_cell']:.2f} of the distance to the nearest "
        f"other cell; {record['seconds']:.0f} s"
    )
