"""Asking a question, seed after seed, and keeping the answers."""

import json
import logging
import math
import time
from pathlib import Path

import torch
from rich.console import Console

from mixvi.bench.answers import activity, calibration, genes, interferon, modalities, new_cells, pruning
from mixvi.bench.answers.question import Question
from mixvi.bench.records import versions, write_json

logger = logging.getLogger(__name__)

QUESTIONS: dict[str, Question] = {
    "genes": genes.QUESTION,
    "calibration": calibration.QUESTION,
    "pruning": pruning.QUESTION,
    "new_cells": new_cells.QUESTION,
    "interferon": interferon.QUESTION,
    "activity": activity.QUESTION,
    "modalities": modalities.QUESTION,
}
FOLDER, QUICK_FOLDER = Path("docs/benchmarks/answers"), Path("mixvi_answers_quick")


def run_answers(
    show: str = "all",
    n_seeds: int = 1,
    quick: bool = False,
    out: Path | None = None,
    fresh: bool = False,
    console: Console | None = None,
) -> list[dict]:
    """Ask questions with the seeds 0, 1, … of all their cases; skip what is recorded.

    Writes ``OUT/QUESTION/CASE/SEED.json`` for every run, also for those that fail.

    Parameters
    ----------
    show
        Names of questions with commas between them, or ``all``.
    n_seeds
        Number of seeds.
    quick
        Try everything on few cells with short trainings: the numbers mean nothing.
    out
        Folder of the records; if None, ``docs/benchmarks/answers``, or ``mixvi_answers_quick`` for quick ones.
    fresh
        Run again what is recorded, and replace it.
    console
        Where to print; nowhere if None.

    Returns
    -------
    The records.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    ValueError
        If a name is unknown.

    Examples
    --------
    >>> run_answers("genes", n_seeds=3)  # doctest: +SKIP
    """
    console = console or Console(quiet=True)
    names = chosen_questions(show)
    cases = dict.fromkeys(case for name in names for case in QUESTIONS[name].cases)
    runs = [
        (name, case, seed)  # questions about the same cells one after the other: they share a training
        for case in cases
        for seed in range(n_seeds)
        for name in names
        if case in QUESTIONS[name].cases
    ]
    out = out or (QUICK_FOLDER if quick else FOLDER)
    records = []
    for position, (name, case, seed) in enumerate(runs, 1):
        path = out / name / case.replace(" ", "_") / f"{seed}.json"
        recorded = path.exists() and not fresh
        record = json.loads(path.read_text()) if recorded else _run(name, case, seed, quick)
        if not recorded and (record["error"] is None or not path.exists()):  # a failure replaces no answer
            write_json(path, record)
        records.append(record)
        line = f"{position}/{len(runs)} {_line(records[-1])}" + (" (recorded before)" if recorded else "")
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    return records


def chosen_questions(show: str) -> list[str]:
    """Names of questions.

    Parameters
    ----------
    show
        Names with commas between them, or ``all``.

    Returns
    -------
    The names.

    Raises
    ------
    ValueError
        If a name is unknown; the message lists the known ones.

    Examples
    --------
    >>> chosen_questions("genes, pruning")
    ['genes', 'pruning']
    """
    names = list(QUESTIONS) if show == "all" else [name.strip() for name in show.split(",")]
    if unknown := [name for name in names if name not in QUESTIONS]:
        raise ValueError(f"Unknown question {unknown[0]!r}. Choose from all, {', '.join(QUESTIONS)}.")
    return names


def _run(name: str, case: str, seed: int, quick: bool) -> dict:
    """Ask a question once; a failure is a result too."""
    started = time.perf_counter()
    record = {"question": name, "case": case, "seed": seed, "quick": quick}
    record |= {"measures": {}, "details": {}, "error": None}
    try:
        answer = QUESTIONS[name].run(case, seed, quick)
        measures = {key: None if math.isnan(value) else round(value, 4) for key, value in answer.measures.items()}
        record |= {"measures": measures, "details": answer.details}
    except Exception as error:  # whatever is raised is recorded and shown
        logger.debug("%s failed", name, exc_info=True)
        record["error"] = f"{type(error).__name__}: {error}"
    seconds = round(time.perf_counter() - started, 1)
    return record | {"seconds": seconds, "versions": versions(), "threads": torch.get_num_threads()}


def _line(record: dict) -> str:
    """One record in a line."""
    name = f"{record['question']}, {record['case']}, seed {record['seed']}"
    if record["error"]:
        return f"{name}: FAILED, {record['error']}"
    numbers = ", ".join(f"{key} {_number(value)}" for key, value in record["measures"].items())
    return f"{name}: {numbers}; {record['seconds']:.0f} s"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
