"""From sizes to records and a table: cells are simulated into a temporary file, used, and thrown away."""

import json
import shutil
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mixvi.bench.records import versions, write_json
from mixvi.bench.scale.cells import simulate_into
from mixvi.bench.scale.measuring import MODELS, alone, find_types, train
from mixvi.bench.speed.running import processor
from mixvi.model import CplMixVI

FOLDER = Path("docs/benchmarks/scale")
BYTES = 8 * 0.11  # of a file, for each cell and gene: a value and its column, where it is not zero
LEAST, MOST = 1_000, 100_000_000  # cells


def run_scale(
    cells: str = "1e5,3e5,1e6",
    model: str = "cplmixvi",
    genes: int = 5000,
    steps: int = 200,
    threads: int = 1,
    out: Path = FOLDER,
    fresh: bool = False,
    console: Console | None = None,
) -> list[dict]:
    """Train a model of more and more cells that are in a file, and find their types; skip what is recorded.

    Writes ``OUT/MODEL-CELLS.json``. The file of cells is in a temporary folder (``TMPDIR``), and deleted.

    Parameters
    ----------
    cells
        Numbers of cells, with commas between.
    model
        ``"cplmixvi"``, or ``"moesimvi"``, which is trained on cells in memory.
    genes
        Number of genes.
    steps
        Training steps, of 512 cells.
    threads
        Of torch.
    out
        Folder of the records.
    fresh
        Run again what is recorded, and replace it.
    console
        Where to print; nowhere if None.

    Returns
    -------
    The records.

    Raises
    ------
    ValueError
        If a number of cells or the model cannot be used.
    OSError
        If the temporary folder has too little space.
    """
    console = console or Console(quiet=True)
    if model not in MODELS:
        raise ValueError(f"Unknown model {model!r}. Choose from {', '.join(MODELS)}.")
    sizes, records = numbers_of_cells(cells), []
    missing = [n for n in sizes if fresh or not (out / f"{model}-{n}.json").exists()]
    _check_space(max(missing, default=0), genes)
    for n_cells in sizes:
        path = out / f"{model}-{n_cells}.json"
        if n_cells in missing:
            console.print(f"{n_cells:,} cells …", highlight=False)
            out.mkdir(parents=True, exist_ok=True)
            write_json(path, measure(model, n_cells, genes, steps, threads))
        records.append(json.loads(path.read_text()))
    console.print(table_of(records))
    return records


def measure(name: str, n_cells: int, genes: int, steps: int, threads: int) -> dict:
    """Simulate cells, and measure training and inference, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="mixvi-scale-") as folder:
        cells, model = Path(folder) / "cells.h5ad", Path(folder) / "model"
        made = alone(simulate_into, cells, n_cells, genes)
        measured = {
            "model": name,
            "n_cells": n_cells,
            "n_genes": genes,
            "n_steps": steps,
            "threads": threads,
            "file_gb": cells.stat().st_size / 1e9,
            "zeros": made["zeros"],
            "train": alone(train, name, cells, model, steps, threads),
            "types": alone(find_types, name, cells, model, threads, False),
            "processor": processor("cpu"),
            "versions": versions(),
        }
        if MODELS[name] is CplMixVI:  # which alone tells outliers
            measured["types_and_outliers"] = alone(find_types, name, cells, model, threads, True)
        return measured


def numbers_of_cells(text: str) -> list[int]:
    """Numbers of cells, from text.

    Parameters
    ----------
    text
        With commas between, such as ``"1e5,300000"``.

    Returns
    -------
    Whole numbers, in order.

    Raises
    ------
    ValueError
        If one is no whole number, or out of its range.

    Examples
    --------
    >>> numbers_of_cells("1e5, 300000")
    [100000, 300000]
    """
    numbers = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        try:
            number = float(name)
        except ValueError:
            number = float("nan")
        if not (number.is_integer() and LEAST <= number <= MOST):
            raise ValueError(f"cells: {name!r} must be a whole number from {LEAST:,} to {MOST:,}, such as 1e5.")
        numbers.append(int(number))
    if not numbers:
        raise ValueError("cells: give numbers of cells with commas between, such as 1e5,3e5.")
    return sorted(set(numbers))


def table_of(records: list[dict]) -> Table:
    """Time and memory of all sizes."""
    table = Table(caption="Seconds, and processor seconds in brackets. Memory: of training; of types and outliers.")
    for name in ("cells", "setup", "training", "ms a step", "types", "+ outliers", "ARI", "peak GB"):
        table.add_column(name, justify="right", no_wrap=True)
    for record in records:
        trained, kinds = record["train"], record["types"]
        told = record.get("types_and_outliers", kinds)
        step = {name: 1e3 * value / record["n_steps"] for name, value in trained["steps"].items()}
        times = (trained["setup"], trained["training"], step, kinds["inference"], told["inference"])
        table.add_row(
            f"{record['n_cells']:,}",
            *(f"{one['seconds']:.0f} ({one['cpu_seconds']:.0f})" for one in times),
            f"{kinds['ARI']:.2f}",
            f"{trained['peak_gb']:.1f}; {told['peak_gb']:.1f}",
        )
    return table


def _check_space(n_cells: int, genes: int) -> None:
    """Refuse to begin if the file of cells would not fit."""
    folder, needed = Path(tempfile.gettempdir()), BYTES * n_cells * genes
    if needed > shutil.disk_usage(folder).free:
        raise OSError(
            f"{folder} has less than the {needed / 1e9:.1f} GB that are needed: set TMPDIR to another folder."
        )
