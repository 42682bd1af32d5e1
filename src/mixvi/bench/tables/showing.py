"""A table in the terminal and on the page: the paper's numbers beside ours."""

from collections.abc import Iterable

import numpy as np
from rich import box
from rich.table import Table

from mixvi.bench.records import Record
from mixvi.bench.tables.measures import DIGITS, TITLES
from mixvi.bench.tables.specs import TableRow, TableSpec

NOT_AT_HAND = "data not at hand"
QUOTED = "quoted"


def header(spec: TableSpec) -> list[str]:
    """Headings of the columns: each measure in the paper, then here."""
    columns = ["data", "method", "steps, full run", "steps, here"]
    for measure in spec.measures:
        columns += [f"{TITLES[measure]}, paper", f"{TITLES[measure]}, here"]
    return [*columns, "seeds", "ran on"]


def line(spec: TableSpec, row: TableRow, records: list[Record], missing: str = NOT_AT_HAND) -> list[str]:
    """A line of a table, as texts.

    Parameters
    ----------
    spec, row
        The table, and its row.
    records
        Runs with the same number of steps, also failed ones.
    missing
        What is said in place of the steps if there is none.

    Returns
    -------
    As many as :func:`header`.
    """
    succeeded = [record for record in records if record.error is None]
    n_failed = len(records) - len(succeeded)
    texts = [row.data, row.title, f"{row.n_steps:,}" if row.n_steps else "–"]
    if succeeded:
        texts.append(f"{succeeded[0].settings['steps']:,}")
    else:
        texts.append(QUOTED if row.recipe is None else "failed" if records else missing)
    for measure in spec.measures:
        texts += [_printed(row, measure), mean_text([value_of(record, measure) for record in succeeded], measure)]
    seeds = f"{len(succeeded)}" + (f", {n_failed} failed" if n_failed else "")
    machines = sorted({_machine(record) for record in succeeded})
    return [*texts, seeds if records else "–", ", ".join(machines) or "–"]


def _machine(record: Record) -> str:
    """What a run had: a GPU, or threads of a processor."""
    if record.settings["device"] != "cpu":
        return "a GPU"
    return f"{record.threads} thread{'s' * (record.threads > 1)}"


def value_of(record: Record, measure: str) -> float | None:
    """A measure of a run that succeeded, in the papers' units; None if it was not taken."""
    part = record.partitions["types"]
    if measure == "types":
        return part.n_types
    if measure == "nmi":
        return part.scores["NMI"]
    if measure == "f_measure":
        return record.details.get("flowcap_f")
    return record.details["measures"].get(measure)


def mean_text(values: Iterable[float | None], measure: str) -> str:
    """Mean ± standard deviation (n − 1) over seeds, or a dash.

    Examples
    --------
    >>> mean_text([90.0, None, 92.0], "accuracy")
    '91.00 ± 1.41'
    """
    known, digits = [value for value in values if value is not None], DIGITS.get(measure, 2)
    if not known:
        return "–"
    spread = f" ± {np.std(known, ddof=1):.{digits}f}" if len(known) > 1 else ""
    return f"{np.mean(known):.{digits}f}{spread}"


def shown_table(spec: TableSpec, results: list[tuple[TableRow, list[Record]]]) -> Table:
    """The table for a terminal.

    Parameters
    ----------
    spec
        The table.
    results
        Each row and its records.

    Returns
    -------
    To be printed by rich.
    """
    table = Table(title=spec.title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in header(spec):
        table.add_column(column.replace(", ", ",\n"), justify="left" if column in ("data", "method") else "right")
    for row, records in results:
        table.add_row(*line(spec, row, records))
    return table


def _printed(row: TableRow, measure: str) -> str:
    """The paper's number."""
    if measure not in row.printed:
        return "–"
    mean, spread = row.printed[measure]
    return f"{mean:g}" + ("" if spread is None else f" ± {spread:g}")
