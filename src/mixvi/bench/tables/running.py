"""Running the rows of a table, seed after seed; what is recorded is not run again."""

import logging
import math
import time
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from mixvi.bench.data import Cells, load_cells
from mixvi.bench.records import Record, Records
from mixvi.bench.scoring import scored
from mixvi.bench.tables.fitting import train_row
from mixvi.bench.tables.quick import QUICK_STEPS, quick_cells, quick_rows
from mixvi.bench.tables.showing import shown_table
from mixvi.bench.tables.specs import SPECS, TableRow

logger = logging.getLogger(__name__)

OUT = Path("docs/benchmarks/tables")
QUICK_FOLDER = "quick"
ACCELERATORS = {"auto": "auto", "cpu": "cpu", "cuda": "gpu", "mps": "mps"}


def run_table(
    name: str,
    n_seeds: int = 1,
    iters: str | None = None,
    quick: bool = False,
    device: str = "auto",
    out: Path = OUT,
    fresh: bool = False,
    console: Console | None = None,
) -> list[tuple[TableRow, list[Record]]]:
    """Run the rows of a table with the seeds 0, 1, …, and print it with the paper's numbers beside.

    Writes ``OUT/DATA/METHOD@STEPS/SEED.json`` for every run, also for those that fail; ``OUT/quick/…`` with ``quick``.
    Tables share runs. Rows whose data are not at hand are left out.

    Parameters
    ----------
    name
        Name of the table.
    n_seeds
        Number of seeds.
    iters
        Training steps of every row, as ``"2000"``, or their share of the published ones, as ``"10%"``. The published
        number if None; with ``quick`` a few.
    quick
        Take a small stand-in that needs no download for every data set.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
    out
        Folder of the records.
    fresh
        Run again what is recorded, and replace it.
    console
        Where to print; nowhere if None.

    Returns
    -------
    Every row and its records; none for a row that is quoted or whose data are not at hand.

    Raises
    ------
    ValueError
        If a name, the steps or the device is unknown, or a file is no record.

    Examples
    --------
    >>> run_table("table-s1", n_seeds=3, iters="10%")  # doctest: +SKIP
    """
    console = console or Console(quiet=True)
    if name not in SPECS:
        raise ValueError(f"Unknown table {name!r}. Choose from {', '.join(SPECS)}.")
    if device not in ACCELERATORS:
        raise ValueError(f"Unknown device {device!r}. Choose from {', '.join(ACCELERATORS)}.")
    spec = SPECS[name]
    steps_of(1, iters)  # or it says what is wrong
    if quick:
        spec, out, iters = replace(spec, rows=quick_rows(spec.rows)), out / QUICK_FOLDER, iters or QUICK_STEPS
    results = [(row, []) for row in spec.rows]
    loaded = _Loader(quick_cells if quick else load_cells, console)
    records = Records(out)
    for row, of_row in results:
        n_steps = steps_of(row.n_steps, iters) if row.recipe else 0
        for seed in range(n_seeds if row.recipe else 0):
            path = records.path(row.data, f"{row.method}@{n_steps}", seed)
            if path.exists() and not fresh:
                record = records.read(path)
            elif cells := loaded(row.data):
                record = _run(cells, row, n_steps, seed, ACCELERATORS[device], quick)
                records.write(record)
            else:
                continue
            of_row.append(record)
            console.print(_line(row, record), soft_wrap=True, highlight=False, markup=False)
    console.print(shown_table(spec, results))
    return results


def steps_of(published: int, iters: str | None) -> int:
    """Training steps: as published, a number, or a share of the published ones.

    Parameters
    ----------
    published
        Published training steps.
    iters
        As in :func:`run_table`.

    Returns
    -------
    The number, at least 1.

    Raises
    ------
    ValueError
        If ``iters`` is neither.

    Examples
    --------
    >>> steps_of(120_000, "2.5%")
    3000
    """
    if iters is None:
        return published
    text = str(iters).strip()
    try:
        n_steps = published * float(text[:-1]) / 100 if text.endswith("%") else int(text.replace(",", ""))
    except ValueError:
        n_steps = math.nan
    if not 0 < n_steps < math.inf:
        raise ValueError(f"iters={text!r} must be a number of steps, or a share of the published ones, as 10%.")
    return max(1, round(n_steps))


class _Loader:
    """Loads a data set when it is needed, keeps the last one, and says once what is not at hand."""

    def __init__(self, load, console: Console):
        self.load, self.console, self.missing, self.last = load, console, set(), None

    def __call__(self, data: str) -> Cells | None:
        if data in self.missing:
            return None
        if self.last is None or self.last.name != data:
            try:
                self.last = self.load(data)
            except FileNotFoundError as error:
                self.missing.add(data)
                self.console.print(f"{data}: data not at hand. {error}", soft_wrap=True, highlight=False, markup=False)
                return None
        return self.last


def _run(cells: Cells, row: TableRow, n_steps: int, seed: int, accelerator: str, quick: bool) -> Record:
    """Run a row; a failure is a result too."""
    started, method = time.perf_counter(), f"{row.method}@{n_steps}"
    try:
        outcome = train_row(cells, row, n_steps, seed, accelerator, quick)
        return scored(cells, method, seed, outcome, time.perf_counter() - started)
    except Exception as error:  # whatever a method raises is recorded and shown
        logger.debug("%s failed", method, exc_info=True)
        wall = {"wall": round(time.perf_counter() - started, 2)}
        message = f"{type(error).__name__}: {error}"
        return Record(cells.name, method, seed, seconds=wall, threads=torch.get_num_threads(), error=message)


def _line(row: TableRow, record: Record) -> str:
    """One run in a line."""
    name = f"{row.data}, {row.title}, seed {record.seed}"
    if record.error:
        return f"{name}: FAILED, {record.error}"
    return f"{name}: ACC {record.details['measures']['accuracy']:.1f} %, {record.seconds['wall']:.0f} s"
