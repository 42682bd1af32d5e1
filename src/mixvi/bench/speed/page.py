"""``docs/performance.md`` from the records."""

import json
from pathlib import Path

from mixvi.bench.figures import save_figure
from mixvi.bench.markdown import table
from mixvi.bench.records import Records
from mixvi.bench.speed.cases import PAPER, Case, case_of
from mixvi.bench.speed.curves import curves_figure
from mixvi.bench.speed.running import floor_seconds, seconds_per_step
from mixvi.bench.speed.size import Size
from mixvi.bench.summary import SCORES, summarised
from mixvi.files import written_whole

INTRODUCTION = """# Performance

How long training takes, beside the least that it could take and beside other tools. This page is made from the records
in `docs/benchmarks/speed/`:

```bash
mixvi bench speed --vs naive,scvi                # a training step; --device cuda on a GPU
mixvi bench speed --curves                       # as data and model grow
mixvi bench speed --profile                      # what a step spends its time on
mixvi bench types --data kang2018 --methods cplmixvi,scvi --out docs/benchmarks/speed/labels    # from cells to types
mixvi bench report
```

Cases take turns, each run in a process of its own; times are medians over steps, and over runs. Only ratios within one
table mean something on another machine.
"""
STEP = """The reference size is that of the papers' neurons: 5,000 genes with nine zeros in ten, 115 categories, two
states, hidden layers of 100 and a last one of 10, batches of 1,000 cells. A *step* is all that training does for a
batch: loading it, augmentation, both passes, the optimiser, the history. The *floor* is the time of the step's matrix
products (as counted by PyTorch) if they ran at the rate of the fastest square product in single precision; *plain* is
the papers' step as its description reads: arm by arm, dense dropout, a learned augmenter, pairs in a loop. *scVI* has
its own, smaller, network (one encoder, one decoder, 128 wide) and the same cells and batches. *Types*
are those of `get_type_probabilities`, of scVI the latent representation that types would be found in; *all answers* are
`get_cell_types`, with the agreement of the arms about augmented copies, and outliers.
"""
LABELS = """What a user waits from cells to types: CplMixVI with its defaults, and scVI with its defaults, neighbours
and Leiden, at resolution 1 or the one of ten that agrees best with the labels, which nobody without labels can know.
Runs take turns on one thread.
"""


def write_performance(records: Path = Path("docs/benchmarks"), out: Path = Path("docs")) -> Path | None:
    """Write the page and its figures. The same records give the same files.

    Writes ``OUT/performance.md`` and ``OUT/_static/performance/*.png``.

    Parameters
    ----------
    records
        Folder of all records.
    out
        Folder of the documentation.

    Returns
    -------
    Path of the page; None if there are no records.

    Examples
    --------
    >>> write_performance()  # doctest: +SKIP
    """
    folder = records / "speed"
    sections = []
    for device in ("cpu", "cuda"):
        timed = {case_of(record): record for record in _read(folder / "steps" / device)}
        if timed:
            sections.append(_steps(device, timed))
            if figure := curves_figure(timed):
                (out / "_static" / "performance").mkdir(parents=True, exist_ok=True)
                path = save_figure(figure, out / "_static" / "performance" / f"{device}.png")
                sections.append(f"![time and memory as sizes grow](_static/performance/{path.name})\n")
    sections.append(_labels(folder / "labels"))
    sections = list(filter(None, sections))
    if not sections:
        return None
    page = out / "performance.md"
    with written_whole(page) as temporary:
        temporary.write_text("\n".join([INTRODUCTION, STEP, *sections]))
    return page


def _read(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def _steps(device: str, timed: dict[Case, dict]) -> str:
    """Steps of the reference sizes, and of the papers' data."""
    title = {"cpu": "A training step on a processor", "cuda": "A training step on a GPU"}[device]
    shown = [case for case in timed if case.size in (Size(), Size(n_arms=5)) and case.threads == 1]
    shown.sort(key=lambda case: (case.size.n_arms, case.tool != "mixvi", case.tool))
    lines = [_step(case, timed) for case in shown]
    header = ["", "arms", "ms a step", "floor, ms", "ratio", "times as fast as plain", "cells a second"]
    steps = table([*header, "types or latent", "all answers", "memory, GB", "runs"], lines)
    some = next(iter(timed.values()))
    where = (
        f"{some['processor']}" + (", one thread" if device == "cpu" else "") + f", torch {some['versions']['torch']}"
    )
    return "\n\n".join([f"## {title}", f"{where}.", steps, _papers(device, timed)]) + "\n"


def _step(case: Case, timed: dict[Case, dict]) -> list[str]:
    record = timed[case]
    seconds, least = seconds_per_step(record), floor_seconds(record)
    plain = timed.get(Case("naive", case.size, case.device, case.threads))
    return [
        {"mixvi": "**CplMixVI**", "naive": "plain", "scvi": "scVI"}[case.tool],
        str(case.size.n_arms) if case.tool != "scvi" else "–",
        f"{1e3 * seconds:.1f}",
        f"{1e3 * least:.1f}" if least else "–",
        f"{seconds / least:.1f}" if least else "–",
        f"{seconds_per_step(plain) / seconds:.1f}" if plain and case.tool == "mixvi" else "–",
        f"{case.size.batch_size / seconds:,.0f}",
        *(_cells_a_second(record, *names) for names in (("types_seconds", "latent_seconds"), ("inference_seconds",))),
        f"{max(run['memory_gb'] for run in record['runs']):.2f}",
        str(len(record["runs"])),
    ]


def _cells_a_second(record: dict, *names: str) -> str:
    """Of the fastest run, by the seconds of one of these names."""
    seconds = [run[name] for run in record["runs"] for name in names if name in run]
    return f"{record['size']['n_cells'] / min(seconds):,.0f}" if seconds else "–"


def _papers(device: str, timed: dict[Case, dict]) -> str:
    """Steps a second at the sizes of the papers' data, beside the papers'."""
    lines = []
    for data, (tool, size, theirs) in PAPER.items():
        if record := timed.get(Case(tool, size, device)):
            ours = 1 / seconds_per_step(record)
            sizes = [f"{n:,}" for n in (size.n_genes, size.n_categories, size.batch_size)]
            lines.append([data, *sizes, f"{ours:.1f}", f"{theirs:g}"])
    if not lines:
        return ""
    header = ["data of this size", "genes or pixels", "categories", "batch", "steps a second", "paper (RTX 2080 Ti)"]
    return f"Steps of two arms at the sizes of the papers' data:\n\n{table(header, lines)}"


def _labels(folder: Path) -> str:
    """From cells to types, from records of ``mixvi bench types``."""
    rows = summarised(record for record in Records(folder).all())
    lines = [
        [row.data, row.title, *map(row.text, SCORES), row.text("types", 1), row.text("seconds", 1), str(row.n_seeds)]
        for row in rows
        if "k-means" not in row.title
    ]
    header = ["data", "method", "accuracy", "ARI", "NMI", "types", "seconds", "seeds"]
    return f"## From cells to types\n\n{LABELS}\n{table(header, lines)}\n" if lines else ""
