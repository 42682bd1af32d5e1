"""Methods on each sample of a data set by itself: a well, say, or a donor."""

from collections.abc import Callable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from mixvi.bench.data import Cells
from mixvi.bench.records import Records
from mixvi.bench.summary import DETAILS, SCORES, Row, summarised
from mixvi.bench.types import compare

FOLDER = "by_sample"  # of the records, below that of the others
F_MEASURES = ("mean_f1", "flowcap_f")  # of cytometry


def run_by_sample(
    data: str,
    column: str,
    load: Callable[[], Cells],
    methods: list[str],
    n_seeds: int = 1,
    out: Path = Path("docs/benchmarks"),
    fresh: bool = False,
    console: Console | None = None,
) -> list[Row]:
    """Run methods on every sample of a data set by itself; skip the runs that are recorded.

    Writes ``OUT/by_sample/DATA/SAMPLE/METHOD/SEED.json`` for every run.

    Parameters
    ----------
    data
        Name of the data set.
    column
        Column of ``.obs`` with the samples.
    load
        Gives the cells of all samples.
    methods
        Names of methods.
    n_seeds, out, fresh, console
        As in :func:`mixvi.bench.types.run_types`.

    Returns
    -------
    The rows of the table that is printed, those of one sample after the other; ``data`` of a row is the sample.

    Raises
    ------
    KeyError
        If there is no such column.

    Examples
    --------
    >>> from mixvi.bench.data import load_cells
    >>> load = lambda: load_cells("bodenmiller2012")
    >>> run_by_sample("bodenmiller2012", "well", load, ["flowsom", "phenograph"])  # doctest: +SKIP
    """
    console = console or Console(quiet=True)
    samples = load().by_sample(column)
    rows = []
    for name, cells in samples.items():
        console.print(f"{data}, {column} {name}: {cells.adata.n_obs:,} cells")
        rows += compare(name, lambda cells=cells: cells, methods, n_seeds, out / FOLDER / data, fresh, console)
    console.print(_table(f"{data}, each {column} by itself: mean ± s.d. over seeds", rows))
    return rows


def recorded_by_sample(folder: Path) -> dict[str, list[Row]]:
    """Rows of all samples that are recorded, by the name of the data set.

    Parameters
    ----------
    folder
        Folder of the records, which has those of samples in it.

    Returns
    -------
    As from :func:`run_by_sample`.
    """
    return {path.name: summarised(Records(path).all()) for path in sorted((folder / FOLDER).glob("*"))}


def by_method(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """A table of methods by samples.

    Parameters
    ----------
    rows
        Rows of several samples.

    Returns
    -------
    Names of its columns, and its lines.
    """
    samples, titles = (list(dict.fromkeys(getattr(row, name) for row in rows)) for name in ("data", "title"))
    found = {(row.data, row.title): row for row in rows}  # none where a sample has not run
    measures = F_MEASURES if any(row.measures["mean_f1"] for row in rows) else SCORES
    header = ["method", *(f"{sample} {DETAILS.get(name, name)}" for sample in samples for name in measures)]
    columns = [(sample, measure) for sample in samples for measure in measures]

    def text(title: str, sample: str, measure: str) -> str:
        row = found.get((sample, title))
        return row.text(measure) if row else "–"

    return header, [[title, *(text(title, *column) for column in columns)] for title in titles]


def _table(title: str, rows: list[Row]) -> Table:
    """Methods by samples, so that it fits a narrow terminal."""
    header, lines = by_method(rows)
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0))
    for position, column in enumerate(header):
        table.add_column(column.replace(" ", "\n"), justify="right" if position else "left", min_width=5)
    for line in lines:
        table.add_row(*(cell.replace(" ± ", "\n±") for cell in line))
    return table
