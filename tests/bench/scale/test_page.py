from pathlib import Path

import pytest

from mixvi.bench.records import write_json
from mixvi.bench.scale.page import BEGIN, END, PAGE, recorded, shown, write_scale

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def records() -> list[dict]:
    time = {"seconds": 9.0, "cpu_seconds": 4.0}
    one = {
        "model": "cplmixvi",
        "n_cells": 2000,
        "n_genes": 60,
        "n_steps": 100,
        "threads": 1,
        "file_gb": 0.12,
        "zeros": 0.9,
    }
    one |= {"train": {"setup": time, "training": time, "steps": time, "base_gb": 0.6, "peak_gb": 2.0}}
    one |= {"types": {"inference": time, "peak_gb": 1.0}, "types_and_outliers": {"inference": time, "peak_gb": 1.5}}
    one |= {"processor": "chip"}
    without = {name: value for name, value in one.items() if name != "types_and_outliers"}
    return [one, one | {"n_cells": 10_000}, without | {"model": "moesimvi"}]


def test_the_table_is_written_into_the_guide_and_nothing_else_is_changed(tmp_path, records):
    folder, guide = tmp_path / "records", tmp_path / PAGE
    guide.parent.mkdir()
    assert write_scale(folder, tmp_path) is None
    for record in records:
        write_json(folder / f"{record['model']}-{record['n_cells']}.json", record)
    assert write_scale(folder, tmp_path) is None
    guide.write_text(f"Before\n{BEGIN} old\n {END}\nafter\n")
    for _ in range(2):
        assert write_scale(folder, tmp_path) == guide
        assert guide.read_text() == f"Before\n{BEGIN}\n\n{shown(records)}\n\n{END}\nafter\n"
    rows = [line for line in guide.read_text().splitlines() if line.startswith("| ")]
    assert [row.split("|")[1:3] for row in rows[2:]] == [
        [" CplMixVI ", " 2,000 "],
        [" CplMixVI ", " 10,000 "],
        [" MoESimVI ", " 2,000 "],
    ]
    assert "| 40 ms |" in rows[2] and "| 4 s | 4 s | 2.0 GB | 1.5 GB |" in rows[2]
    assert "| 4 s | – | 2.0 GB | 1.0 GB |" in rows[4]


def test_the_guide_shows_what_is_recorded():
    records = recorded(DOCS / "benchmarks" / "scale")
    assert records and shown(records) in (DOCS / PAGE).read_text()
