"""``docs/tables.md`` from the records."""

from pathlib import Path

from mixvi.bench.data import SIMULATED
from mixvi.bench.records import Record, Records
from mixvi.bench.report import table
from mixvi.bench.tables.running import OUT
from mixvi.bench.tables.showing import NOT_AT_HAND, header, line
from mixvi.bench.tables.specs import SPECS, TableRow
from mixvi.datasets import at_hand
from mixvi.files import written_whole

NOT_RUN = "not run"
INTRODUCTION = """# The papers' tables

Every table of the papers has a command, which trains all its systems on the same data and measures them alike:

```bash
mixvi bench table1 --seeds 10                 # the published number of steps: hours to days (--device cuda helps)
mixvi bench table1 --seeds 3 --iters 10%      # a tenth of them
mixvi bench table1 --quick                    # a minute or two on small stand-ins, which no paper has a number for
mixvi bench report                            # this page
```

Numbers headed *paper* are printed in it, those headed *here* are means ± standard deviations over our seeds, at the
steps that are given: compare only lines whose steps are alike. Instead of a number a line may say that it was *not
run*, or that its *data* are *not at hand* where this page was made; the command then says which file to put into
`MIXVI_DATA_DIR`, and where it is from, or downloads it. The steps of a full run are the paper's where it says them.
*Quoted* lines are systems that are not part of this package. Accuracies are under the best one-to-one matching,
averaged over arms as in the paper.

How angle and width of digits depend on the digit (supplement H) is shown by `mixvi bench dependence`, which trains
nothing.
"""


def write_tables(folder: Path = OUT, out: Path = Path("docs")) -> Path:
    """Write the page. The same records give the same page.

    Writes ``OUT/tables.md``. Of a row that ran with several numbers of steps, the most are shown.

    Parameters
    ----------
    folder
        Folder of the records of the tables.
    out
        Folder of the documentation.

    Returns
    -------
    Path of the page.

    Raises
    ------
    ValueError
        If a file is no record.

    Examples
    --------
    >>> write_tables()  # doctest: +SKIP
    """
    records = Records(folder)
    sections = [INTRODUCTION]
    for name, spec in SPECS.items():
        lines = [line(spec, row, longest_runs(records, row), why_not(row)) for row in spec.rows]
        note = f"{spec.note}\n\n" if spec.note else ""
        sections.append(f"## {spec.title}\n\n`mixvi bench {name}`\n\n{note}{table(header(spec), lines)}\n")
    page = out / "tables.md"
    out.mkdir(parents=True, exist_ok=True)
    with written_whole(page) as temporary:
        temporary.write_text("\n".join(sections))
    return page


def why_not(row: TableRow) -> str:
    """Why a row may have no record: its data need a file that is not there, or nobody ran it."""
    return NOT_RUN if row.data in SIMULATED or at_hand(row.data) else NOT_AT_HAND


def longest_runs(records: Records, row: TableRow) -> list[Record]:
    """The records of a row with the largest number of steps that it ran with.

    Parameters
    ----------
    records
        All records.
    row
        The row.

    Returns
    -------
    By seed; empty if there is none.
    """
    if row.recipe is None:
        return []
    runs = (records.folder / row.data).glob(f"{row.method}@*")
    folders = [path for path in runs if path.name.removeprefix(f"{row.method}@").isdigit()]
    if not folders:
        return []
    longest = max(folders, key=lambda path: int(path.name.rpartition("@")[2]))
    return [records.read(path) for path in sorted(longest.glob("*.json"), key=lambda path: int(path.stem))]
