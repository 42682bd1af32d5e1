"""From what a method returned to a record."""

import math

import numpy as np
import pandas as pd
import torch

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Outcome
from mixvi.bench.records import Partition, Record, pack
from mixvi.metrics import clustering_scores, flowcap_f, share_of_labels_found, state_recovery, weber_robinson_f1


def scored(cells: Cells, method: str, seed: int, outcome: Outcome, wall: float) -> Record:
    """Score a run on all cells that have a label.

    Parameters
    ----------
    cells
        The cells and their labels.
    method, seed
        What ran.
    outcome
        What it returned.
    wall
        Seconds that it took in all.

    Returns
    -------
    The record. Of several candidates, the one with the highest mean of the three scores is picked, and only its cells
    are kept; likewise those of Leiden at its default resolution.
    """
    scores = {name: clustering_scores(cells.labels, found.types) for name, found in outcome.found.items()}
    picked = max(outcome.candidates, key=lambda name: sum(scores[name].values()), default=None)
    kept = set(outcome.found) - set(outcome.candidates) | {picked, "leiden_1"}
    partitions = {
        name: Partition(
            n_types=len(np.unique(found.types)),
            scores={score: round(value, 5) for score, value in scores[name].items()},
            seconds=round(found.seconds, 2),
            cells=pack(found.types) if name in kept else None,
        )
        for name, found in outcome.found.items()
    }
    scored_one = picked or "types"
    return Record(
        cells.name,
        method,
        seed,
        settings=outcome.settings,
        partitions=partitions,
        picked=picked,
        seconds={"wall": round(wall, 2), "train": round(outcome.train_seconds, 2)},
        details=outcome.details | _recovery(cells, outcome, scored_one) | _populations(cells, outcome, scored_one),
        threads=torch.get_num_threads(),
    )


def _populations(cells: Cells, outcome: Outcome, partition: str) -> dict[str, float]:
    """Of cytometry, both F-measures that are usual there."""
    if not cells.is_cytometry:
        return {}
    types = pd.Series(outcome.found[partition].types, index=cells.labels.index)
    f1, f = weber_robinson_f1(cells.labels, types), flowcap_f(cells.labels, types)
    return {"mean_f1": round(f1, 4), "flowcap_f": round(f, 4)}


def _recovery(cells: Cells, outcome: Outcome, partition: str) -> dict[str, float | None]:
    """Where the truth is planted: share of the types that are found, and how well their states are."""
    if cells.states is None:
        return {}
    types = outcome.found[partition].types
    recovery = {"labels_found": round(share_of_labels_found(cells.labels, types), 4)}
    if outcome.states is not None:
        correlation = state_recovery(cells.labels, types, cells.states, outcome.states)
        recovery["state_recovery"] = None if math.isnan(correlation) else round(correlation, 4)
    return recovery
