"""``docs/answers.md`` from the records."""

import json
import math
from pathlib import Path

import numpy as np

from mixvi.bench.answers.question import Question
from mixvi.bench.answers.running import QUESTIONS
from mixvi.bench.answers.simulated import DESCRIBED
from mixvi.bench.figures import save_figure
from mixvi.bench.report import table
from mixvi.bench.summary import mean_and_spread
from mixvi.files import written_whole

INTRODUCTION = """# Answers of a trained model

What CplMixVI says about cells whose truth is known, and about real ones, beside what it should say. This page is made
from the records of single runs in `docs/benchmarks/answers/`:

```bash
mixvi bench answers --show all --seeds 3   # or genes, calibration, pruning, new_cells, interferon, activity, modalities
mixvi bench report
```

A run that is recorded is not run again (`--fresh` does). Numbers are means ± standard deviations over seeds; of
simulated cells every seed draws other cells, too. Goals hold for the mean.
"""


def write_answers(folder: Path = Path("docs/benchmarks/answers"), out: Path = Path("docs")) -> Path | None:
    """Write the page and its figures. The same records give the same files.

    Writes ``OUT/answers.md`` and ``OUT/_static/answers/*.png``.

    Parameters
    ----------
    folder
        Folder of the records.
    out
        Folder of the documentation.

    Returns
    -------
    Path of the page; None if there are no records.

    Raises
    ------
    ValueError
        If a file is no record.

    Examples
    --------
    >>> write_answers()  # doctest: +SKIP
    """
    paths = sorted(folder.glob("*/*/*.json"), key=lambda path: (path.parts[:-1], int(path.stem)))
    records = [_read(path) for path in paths]
    if not records:
        return None
    parts = [INTRODUCTION, DESCRIBED + "\n"]
    for name, question in QUESTIONS.items():
        if mine := [record for record in records if record["question"] == name]:
            parts.append(_part(name, question, mine, out / "_static" / "answers"))
    asked = {record["question"] for record in records}
    if missing := [f"`{name}`" for name in QUESTIONS if name not in asked]:
        parts.append(f"Not asked yet: {', '.join(missing)}.\n")
    page = out / "answers.md"
    with written_whole(page) as temporary:
        temporary.write_text("\n".join(parts))
    return page


def _read(path: Path) -> dict:
    try:
        record = json.loads(path.read_text())
        return record | {"seed": int(record["seed"]), "measures": dict(record["measures"])}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a record of an answer ({error}). Remove it, or run it again.") from error


def _part(name: str, question: Question, records: list[dict], figures: Path) -> str:
    """One question: goals, numbers of each case, tables, figures, and the runs that failed."""
    by_case = {case: [r for r in records if r["case"] == case] for case in question.cases}
    by_case = {case: runs for case, runs in by_case.items() if runs}
    blocks = [f"## {question.title}", question.text, _numbers(by_case)]
    if question.goals:
        blocks.append(_goals(question, by_case))
    for case, runs in by_case.items():
        details = {run["seed"]: run["details"] for run in runs if not run["error"]}
        if question.show and details:
            blocks.append(question.show(details))
        if question.draw and details:
            path = save_figure(question.draw(details[min(details)]), figures / f"{case.replace(' ', '_')}.png")
            blocks.append(f"![{question.title}](_static/answers/{path.name})")
    if failed := [[r["case"], str(r["seed"]), r["error"].splitlines()[0]] for r in records if r["error"]]:
        blocks.append("Runs that failed:\n\n" + table(["cells", "seed", "error"], failed))
    return "\n\n".join(blocks) + "\n"


def _values(runs: list[dict], measure: str) -> list[float]:
    """What the runs measured."""
    values = [run["measures"].get(measure) for run in runs]
    return [value for value in values if value is not None]


def _numbers(by_case: dict[str, list[dict]]) -> str:
    measures = list(dict.fromkeys(name for runs in by_case.values() for run in runs for name in run["measures"]))
    lines = []
    for case, runs in by_case.items():
        numbers = [mean_and_spread(_values(runs, name)) for name in measures]
        seconds = mean_and_spread([run["seconds"] for run in runs], 0)
        lines.append([case, *numbers, seconds, str(len(runs)), str(sum(run["error"] is not None for run in runs))])
    return table(["cells", *measures, "seconds", "seeds", "failed"], lines)


def _goals(question: Question, by_case: dict[str, list[dict]]) -> str:
    """Goals beside what was measured."""
    lines = []
    for goal in question.goals:
        for case, runs in by_case.items():
            values = _values(runs, goal.measure)
            mean = float(np.mean(values)) if values else math.nan
            lines.append([goal.measure, case, goal.text, mean_and_spread(values), goal.verdict(mean)])
    return table(["goal", "cells", "aim", "measured", "reached"], lines)
