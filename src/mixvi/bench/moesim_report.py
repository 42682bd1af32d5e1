"""Sections of the benchmark page that `mixvi bench moesim` adds."""

import json
from itertools import groupby
from pathlib import Path

import numpy as np

from mixvi.bench import generation
from mixvi.bench.markdown import table
from mixvi.bench.samples import by_method, recorded_by_sample


def samples_section(folder: Path) -> str:
    """Data sets whose samples were clustered by themselves.

    Parameters
    ----------
    folder
        Folder of all records.

    Returns
    -------
    Markdown; empty without records.
    """
    parts = [f"### {data}\n\n{table(*by_method(rows))}\n" for data, rows in recorded_by_sample(folder).items() if rows]
    return "## Each sample by itself\n\nMean ± s.d. over seeds.\n\n" + "\n".join(parts) if parts else ""


def generation_section(folder: Path) -> str:
    """What models generate, by data set and model, mean over seeds.

    Parameters
    ----------
    folder
        Folder of all records.

    Returns
    -------
    Markdown; empty without records.
    """
    lines = []
    paths = sorted((folder / generation.FOLDER).glob("*/*/*.json"))
    for place, group in groupby(paths, lambda path: path.parent):
        runs = [json.loads(path.read_text()) for path in group]
        shares = [
            _mean([run["generated"][f"{threshold:g}"][key] for run in runs], digits)
            for threshold in generation.SHOWN
            for key, digits in (("accuracy", 3), ("draws", 2))
        ]
        others = [_mean([run[name] for run in runs]) for name in ("real", "judge")]
        mmd = [_mean([run["mmd"][name] for run in runs]) for name in ("within", "between")]
        title = generation.TITLES.get(place.name, place.name)
        lines.append([place.parent.name, title, *shares, *others, *mmd, str(len(runs))])
    if not lines:
        return ""
    columns = [name for t in generation.SHOWN for name in (f"right at {t:g}", f"draws at {t:g}")]
    header = ["data", "model", *columns, "real cells", "judge", "MMD² within", "MMD² between", "seeds"]
    return f"## Generated cells\n\n{EXPLANATION}\n\n{table(header, lines)}\n"


EXPLANATION = (
    "Models that are told the number of labels generate cells of each of their types. *Right* is the share that a "
    "classifier, trained on real cells, judges to be what most real cells of the type are, among draws to which the "
    "model itself gives at least that posterior: at 0 none is rejected. *Draws* are needed for one that is kept. *Real "
    "cells* of the type, held out, are judged right that often, and the *judge* is right on so many of all of them. "
    "MMD² is that of latents, mean over types within which or between which cells are compared."
)


def _mean(values: list[float | None], digits: int = 3) -> str:
    """Mean over seeds; a dash if one is missing."""
    return "–" if None in values else f"{np.mean(values):.{digits}f}"
