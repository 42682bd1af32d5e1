"""The table of the guide to large data, from the records."""

import json
import re
from pathlib import Path

from mixvi.bench.markdown import table
from mixvi.bench.scale.measuring import MODELS
from mixvi.bench.scale.running import FOLDER
from mixvi.files import written_whole

PAGE = Path("guides/big_data.md")
BEGIN, END = "<!-- records of mixvi bench scale -->", "<!-- end of records -->"
TITLES = {name: model_class.__name__ for name, model_class in MODELS.items()}
NAMES = ("model", "cells", "set up", "train", "a step", "types", "and outliers", "memory, training", "memory, types")


def write_scale(folder: Path = FOLDER, out: Path = Path("docs")) -> Path | None:
    """Write time and memory of all recorded sizes into the guide.

    Parameters
    ----------
    folder
        Folder of the records.
    out
        Folder of the pages.

    Returns
    -------
    The guide; None, and nothing is written, if there are no records or no guide.
    """
    records, page = recorded(folder), out / PAGE
    if not records or not page.exists():
        return None
    text = f"{BEGIN}\n\n{shown(records)}\n\n{END}"
    with written_whole(page) as temporary:
        temporary.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: text, page.read_text(), flags=re.DOTALL))
    return page


def recorded(folder: Path) -> list[dict]:
    """All records of a folder, ordered by model and number of cells."""
    records = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return sorted(records, key=lambda one: (one["model"], one["n_cells"]))


def shown(records: list[dict]) -> str:
    """A table of the records, and where they were made.

    Parameters
    ----------
    records
        At least one.

    Returns
    -------
    Markdown.
    """
    rows = []
    for record in records:
        trained, found = record["train"], [record["types"], record.get("types_and_outliers")]
        times = (trained["setup"], trained["training"], *(part and part["inference"] for part in found))
        setup, training, *finding = (f"{one['cpu_seconds']:.0f} s" if one else "–" for one in times)
        step = f"{1e3 * trained['steps']['cpu_seconds'] / record['n_steps']:.0f} ms"
        memory = (f"{part['peak_gb']:.1f} GB" for part in (trained, found[1] or found[0]))
        rows.append([TITLES[record["model"]], f"{record['n_cells']:,}", setup, training, step, *finding, *memory])
    last = records[-1]
    return (
        f"{table(list(NAMES), rows)}\n\n"
        f"Processor seconds, {last['threads']} thread of an {last['processor']}; {last['n_genes']:,} genes, "
        f"{last['zeros']:.0%} zeros ({max(record['file_gb'] for record in records):.1f} GB for the largest file), "
        f"{last['n_steps']} training steps. MoESimVI is trained on cells in memory, read when they are set up. A "
        f"process that has done no more than import the package has {last['train']['base_gb']:.1f} GB."
    )
