"""``docs/benchmarks.md`` from the records."""

import json
import math
from itertools import groupby
from pathlib import Path

import numpy as np

from mixvi.bench.figures import draw_figures
from mixvi.bench.goals import GOALS, STABILITY
from mixvi.bench.markdown import table
from mixvi.bench.methods import GROUPS
from mixvi.bench.moesim_report import generation_section, samples_section
from mixvi.bench.records import Record, Records, unpack
from mixvi.bench.summary import DETAILS, REPRESENTED, SCORES, TITLES, Row, summarised
from mixvi.files import written_whole

INTRODUCTION = """# Benchmarks

How well the types that are found match published labels, which are used for scoring only. This page is made from the
records of single runs in `docs/benchmarks/`:

```bash
mixvi bench types --data zeisel2015 --seeds 5                      # CplMixVI and its rivals
mixvi bench types --data zeisel2015 --methods ablation --seeds 5   # what each of its choices is worth
mixvi bench moesim --data bodenmiller2012 --seeds 5                # MoESimVI and its rivals
mixvi bench report
```

A run that is recorded is not run again (`--fresh` does). For times on one thread, set `OMP_NUM_THREADS=1` and
`NUMBA_NUM_THREADS=1`: numba otherwise uses all cores, and lets torch do so.

All scores are means ± standard deviations over seeds, on all cells that have a label; methods see the other cells too.
Accuracy is under the best one-to-one matching, ARI the adjusted Rand index, NMI the normalised mutual information.
*Across-seed ARI* says how far runs with different seeds agree with each other. *Seconds* is what a user waits for the
types, reading excepted, on a machine that may have had other work: compare times only roughly. "Picked with the labels"
is the best of ten resolutions in hindsight, by the mean of the three scores: no user without labels gets that.

Some lines know the labels and say what can be reached at all (`--methods limits`). *Taught* is a random forest that
predicts cells held out, from what Leiden and k-means see. *Twins* knows every label but which is whose among rows with
the same values: gates overlap, and a cell of two gates is two rows of the file with two labels. *Separable* are the
labels themselves, merged where the density of cells has no valley between two: whoever asks for a gap between types,
as `CplMixVI` does so that a strong state is not cut into types, will hardly do much better. Beyond it are types that
taxonomists told apart within a continuum.
"""


def write_report(folder: Path = Path("docs/benchmarks"), out: Path = Path("docs")) -> Path:
    """Write the page and its figures. The same records give the same files.

    Writes ``OUT/benchmarks.md`` and ``OUT/_static/benchmarks/*.png``.

    Parameters
    ----------
    folder
        Folder of the records.
    out
        Folder of the documentation.

    Returns
    -------
    Path of the page.

    Raises
    ------
    FileNotFoundError
        If there are no records.
    ValueError
        If a file is no record.

    Examples
    --------
    >>> write_report()  # doctest: +SKIP
    """
    store = Records(folder)
    records = list(store.all())
    if not records:
        raise FileNotFoundError(f"There are no records in {folder}. Make some: mixvi bench types --data zeisel2015.")
    rows = summarised(records)
    figures = draw_figures(store, records, rows, out / "_static" / "benchmarks")
    sections = [INTRODUCTION, _goals(rows)]
    for data in sorted({record.data for record in records}):
        images = [f"![{path.stem}](_static/benchmarks/{path.name})" for path in figures.get(data, [])]
        sections.append("\n\n".join([_data(store, data, rows), *images]) + "\n")
    sections += [
        samples_section(folder),
        generation_section(folder),
        _copies(folder),
        _failures(records),
        _machines(records),
    ]
    page = out / "benchmarks.md"
    with written_whole(page) as temporary:
        temporary.write_text("\n".join(filter(None, sections)))
    return page


def _data(store: Records, data: str, rows: list[Row]) -> str:
    """The tables of one data set: methods, then the ablation."""
    truth = store.truth(data)
    codes = unpack(truth.codes)
    mine = [row for row in rows if row.data == data]
    methods = [row for row in mine if row.method in TITLES or row.method in REPRESENTED]
    variants = [row for row in mine if row not in methods or row.method == "cplmixvi"]
    text = (
        f"## {data}\n\n{len(codes):,} cells ({(codes >= 0).sum():,} with a label) × {truth.n_genes:,} genes, "
        f"{len(truth.labels)} labels.\n\n{_scores(methods)}"
    )
    if any(row.method != "cplmixvi" for row in variants):
        text += f"\n\n### {data}: ablation\n\n{_scores(variants)}"
    return text


def _scores(rows: list[Row]) -> str:
    details = [detail for detail in DETAILS if any(row.measures[detail] for row in rows)]
    extra = [DETAILS[detail] for detail in details]
    header = ["method", "accuracy", "ARI", "NMI", "types", "across-seed ARI", "seconds", *extra, "seeds", "failed"]
    return table(
        header,
        [
            [
                row.title,
                *map(row.text, SCORES),
                row.text("types", 1),
                _number(row.stability),
                row.text("seconds", 1),
                *map(row.text, details),
                str(row.n_seeds),
                str(row.n_failed),
            ]
            for row in rows
        ],
    )


def _goals(rows: list[Row]) -> str:
    """Goals beside what is measured; those of sets that did not run are left open."""
    by_name = {(row.data, row.method): row for row in rows if row.method not in REPRESENTED}
    lines = []
    for goal in GOALS:
        row = by_name.get((goal.data, goal.method))
        value = math.nan if row is None else row.mean(goal.measure)
        known = [(name, by_name.get((goal.data, name))) for name in GROUPS["limits"]]
        limits = ", ".join(
            f"{name} {limit.mean(goal.measure):.3f}" for name, limit in known if limit and limit.measures[goal.measure]
        )
        lines.append([goal.data, goal.method, goal.measure, f"{goal.least:g}", *_verdict(value, goal.least), limits])
    for (data, method), row in by_name.items():
        if method != "cplmixvi":
            continue
        lines.append([data, method, "across-seed ARI", f"{STABILITY:.2f}", *_verdict(row.stability, STABILITY), ""])
        rivals = [rival for rival in rows if rival.data == data and rival.picked and rival.n_seeds]
        for score in SCORES if rivals else ():
            best = max(rival.mean(score) for rival in rivals)
            verdict = _verdict(row.mean(score), best)
            lines.append([data, method, f"{score} of the best picked Leiden", f"{best:.3f}", *verdict, ""])
    header = ["data", "method", "measure", "goal", "measured", "reached", "with the labels known"]
    return f"## Goals\n\n{table(header, lines)}\n"


def _verdict(value: float, least: float) -> tuple[str, str]:
    return _number(value), "not run" if math.isnan(value) else "yes" if value >= least else "no"


def _copies(folder: Path) -> str:
    """How augmenters copy cells, mean over seeds, from ``augment/DATA/AUGMENTER/SEED.json``; empty without any."""
    lines = []
    for place, paths in groupby(sorted((folder / "augment").glob("*/*/*.json")), lambda path: path.parent):
        runs = [json.loads(path.read_text()) for path in paths]
        units = [run["distances"]["nearest_cell"] for run in runs]
        distances = [
            np.mean([run["distances"][name] / unit for run, unit in zip(runs, units, strict=True)])
            for name in ("copy_cell", "copy_copy", "random_cells")
        ]
        for labels in runs[0]["labels"]:
            scores = [
                np.mean([run["labels"][labels][key] for run in runs]) for key in ("original", "copies", "preserved")
            ]
            numbers = [f"{value:.3f}" for value in scores] + [f"{value:.2f}" for value in distances]
            lines.append([place.parent.name, place.name, labels, *numbers, str(len(runs))])
    header = [
        "data",
        "augmenter",
        "labels",
        "held-out cells",
        "copies",
        "kept",
        "copy-cell",
        "copy-copy",
        "random cells",
    ]
    text = (
        "Accuracy of a classifier on held-out cells and on their copies; and distances in units of that to the nearest "
        "other cell. Made by `mixvi bench augment --data mnist --augmenter vaegan`."
    )
    return f"## Copies of cells\n\n{text}\n\n{table([*header, 'seeds'], lines)}\n" if lines else ""


def _failures(records: list[Record]) -> str:
    """Runs that failed, if any."""
    failed = [[r.data, r.method, str(r.seed), r.error.splitlines()[0]] for r in records if r.error]
    return f"## Failed runs\n\n{table(['data', 'method', 'seed', 'error'], failed)}\n" if failed else ""


def _machines(records: list[Record]) -> str:
    """Versions and threads that the runs were made with."""
    kinds = sorted({(tuple(record.versions.items()), record.threads) for record in records})
    lines = [", ".join(f"{name} {number}" for name, number in versions) + f"; {n} threads" for versions, n in kinds]
    return "## Versions\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
