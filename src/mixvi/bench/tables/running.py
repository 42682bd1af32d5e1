"""Running the rows of a table, seed after seed; what is recorded is not run again."""

import logging
import math
import time
from dataclasses import replace
from pathlib import Path

import torch
from rich.console import Console

from mixvi.augment import Affine
from mixvi.bench.data import Cells, load_cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.records import Record, Records
from mixvi.bench.representations import marker_cells
from mixvi.bench.scoring import scored
from mixvi.bench.tables.measures import measured
from mixvi.bench.tables.quick import QUICK_BATCH, QUICK_STEPS, quick_cells, quick_rows
from mixvi.bench.tables.recipes import RECIPES
from mixvi.bench.tables.showing import shown_table
from mixvi.bench.tables.specs import SPECS, TableRow
from mixvi.genes import informative_genes
from mixvi.images import shape_of_images
from mixvi.model import CplMixVI, MoESimVI

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
        outcome = _train(cells, row, n_steps, seed, accelerator, quick)
        return scored(cells, method, seed, outcome, time.perf_counter() - started)
    except Exception as error:  # whatever a method raises is recorded and shown
        logger.debug("%s failed", method, exc_info=True)
        wall = {"wall": round(time.perf_counter() - started, 2)}
        message = f"{type(error).__name__}: {error}"
        return Record(cells.name, method, seed, seconds=wall, threads=torch.get_num_threads(), error=message)


def _train(cells: Cells, row: TableRow, n_steps: int, seed: int, accelerator: str, quick: bool) -> Outcome:
    """Build, train and measure a model."""
    started = time.perf_counter()
    recipe = RECIPES[row.recipe]
    adata, batch_key = _seen(cells)
    shape = shape_of_images(adata)
    arguments, training = recipe.arguments(images=shape is not None)
    given = {"n_categories": row.n_categories or cells.n_labels}
    if row.n_state and recipe.model_class is not MoESimVI:
        given["n_state"] = row.n_state
    if arguments.get("augmenter") == "rotation":
        arguments["augmenter"] = Affine(shape, rotation=20.0, scaling=0.0, shear=0.0, shift=0.0)
    recipe.model_class.setup_anndata(adata, batch_key=batch_key)
    model = recipe.model_class(adata, seed=seed, **given, **arguments)
    quietly = {"enable_progress_bar": False, "accelerator": accelerator}
    if quick:
        training["batch_size"] = QUICK_BATCH
        if arguments.get("augmenter") == "vaegan":
            model.train_augmenter(max_epochs=1, **quietly)
    before = time.perf_counter()
    model.train(**_as_steps(recipe.model_class, adata.n_obs, n_steps, training), **training, **quietly)
    seconds = time.perf_counter() - before
    types = model.get_cell_types().astype(int).to_numpy()
    found = Found(types, time.perf_counter() - started)
    return Outcome(
        found={"types": found},
        train_seconds=seconds,
        settings={
            "steps": n_steps,
            "published_steps": row.n_steps,
            "categories": given["n_categories"],
            "device": str(model.module.device.type),
            "genes": adata.n_vars,
        },
        details={"measures": measured(model, cells, seed) | {"speed": n_steps / seconds}},
    )


def _seen(cells: Cells):
    """What a model is shown, and the key of its batches."""
    if cells.is_cytometry:
        return marker_cells(cells), None
    if shape_of_images(cells.adata):
        return cells.adata.copy(), None
    return informative_genes(cells.adata), cells.batch_key


def _as_steps(model_class: type, n_cells: int, n_steps: int, training: dict) -> dict:
    """Arguments that make a model train for a number of steps."""
    if not issubclass(model_class, (CplMixVI, MoESimVI)):
        return {"max_steps": n_steps}
    batch_size = training.setdefault("batch_size", 256)
    return {"max_epochs": math.ceil(n_steps / max(1, n_cells // batch_size)), "max_steps": n_steps}


def _line(row: TableRow, record: Record) -> str:
    """One run in a line."""
    name = f"{row.data}, {row.title}, seed {record.seed}"
    if record.error:
        return f"{name}: FAILED, {record.error}"
    return f"{name}: ACC {record.details['measures']['accuracy']:.1f} %, {record.seconds['wall']:.0f} s"
