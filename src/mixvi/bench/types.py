"""Running methods on a data set, seed after seed, and showing the scores as they come."""

import logging
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from rich import box
from rich.console import Console
from rich.table import Table

from mixvi.bench.data import Cells, check_name, load_cells, truth_of
from mixvi.bench.methods import METHODS, chosen_methods
from mixvi.bench.records import Record, Records
from mixvi.bench.scoring import scored
from mixvi.bench.summary import DETAILS, SCORES, Row, summarised

logger = logging.getLogger(__name__)


def run_types(
    data: str,
    methods: str = "default",
    n_seeds: int = 5,
    out: Path = Path("docs/benchmarks"),
    fresh: bool = False,
    console: Console | None = None,
) -> list[Row]:
    """Run methods on a data set with the seeds 0, 1, …; skip the runs that are recorded.

    Writes ``OUT/DATA/METHOD/SEED.json`` for every run, also for those that fail.

    Parameters
    ----------
    data
        Name of the data set.
    methods
        Names of methods or groups of methods, with commas between them.
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
    The rows of the table that is printed: these methods and seeds.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    ValueError
        If a name is unknown, or the records are of other cells.

    Examples
    --------
    >>> run_types("zeisel2015", "cplmixvi,rivals", n_seeds=2)  # doctest: +SKIP
    """
    check_name(data)
    return compare(data, lambda: load_cells(data), chosen_methods(methods), n_seeds, out, fresh, console)


def compare(
    data: str,
    load: Callable[[], Cells],
    methods: list[str],
    n_seeds: int,
    out: Path,
    fresh: bool = False,
    console: Console | None = None,
) -> list[Row]:
    """As :func:`run_types`, of any cells.

    Parameters
    ----------
    data
        Name of the cells.
    load
        Gives the cells, when a method is to run on them.
    methods
        Names of methods.
    n_seeds, out, fresh, console
        As in :func:`run_types`.

    Returns
    -------
    The rows of the table that is printed.
    """
    console = console or Console(quiet=True)
    runs = [(method, seed) for seed in range(n_seeds) for method in methods]  # in turns
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=out):
        pass  # it can be written to
    records = Records(out)
    cells = None
    for position, (method, seed) in enumerate(runs, 1):
        path = records.path(data, method, seed)
        recorded = path.exists() and not fresh
        if recorded:
            record = records.read(path)
        else:
            if cells is None:
                console.print(f"Reading {data} …")
                cells = load()
                records.write_truth(data, truth_of(cells))
            record = _run(cells, method, seed)
            records.write(record)
        console.print(
            f"{position}/{len(runs)} {_line(record, recorded)}", soft_wrap=True, highlight=False, markup=False
        )
    rows = summarised(records.read(records.path(data, method, seed)) for method, seed in runs)
    console.print(_table(data, rows))
    return rows


def _run(cells: Cells, method: str, seed: int) -> Record:
    """Run a method; a failure is a result too."""
    started = time.perf_counter()
    try:
        outcome = METHODS[method](cells, seed)
        return scored(cells, method, seed, outcome, time.perf_counter() - started)
    except Exception as error:  # whatever a method raises is recorded and shown
        logger.debug("%s failed", method, exc_info=True)
        wall = {"wall": round(time.perf_counter() - started, 2)}
        message = f"{type(error).__name__}: {error}"
        return Record(cells.name, method, seed, seconds=wall, threads=torch.get_num_threads(), error=message)


def _line(record: Record, recorded: bool) -> str:
    """One run in a line."""
    name = f"{record.method}, seed {record.seed}" + (" (recorded before)" if recorded else "")
    if record.error:
        return f"{name}: FAILED, {record.error}"
    part = record.partitions.get(record.picked or "types")
    scores = ", ".join(f"{score} {part.scores[score]:.3f}" for score in SCORES)
    return f"{name}: {scores}, {part.n_types} types, {record.seconds['wall']:.0f} s"


def _table(data: str, rows: list[Row]) -> Table:
    """Mean over seeds, and below it the standard deviation, so that it fits a narrow terminal."""
    table = Table(title=f"{data}: mean ± s.d. over seeds", box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0))
    details = [detail for detail in DETAILS if any(row.measures[detail] for row in rows)]
    columns = [*SCORES, "types", "seeds' ARI", "seconds", *(DETAILS[detail] for detail in details), "seeds"]
    table.add_column("method", min_width=16)
    for column in columns:
        table.add_column(column.replace(" ", "\n"), justify="right", min_width=5)
    for row in rows:
        stability = "–" if math.isnan(row.stability) else f"{row.stability:.3f}"
        seeds = f"{row.n_seeds}" + (f" {row.n_failed} failed" if row.n_failed else "")
        cells = [
            *map(row.text, SCORES),
            row.text("types", 1),
            stability,
            row.text("seconds", 1),
            *map(row.text, details),
            seeds,
        ]
        table.add_row(row.title, *(cell.replace(" ± ", "\n±") for cell in cells))
    return table
