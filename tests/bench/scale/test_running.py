import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from mixvi.bench.scale import running
from mixvi.bench.scale.measuring import MODELS, Stopwatch, alone, peak_gb
from mixvi.bench.scale.running import numbers_of_cells, run_scale
from mixvi.cli import app


@pytest.fixture
def in_this_process(monkeypatch):
    """Spare the start of processes."""
    monkeypatch.setattr(running, "alone", lambda job, *args: job(*args) | {"peak_gb": peak_gb()})


@pytest.mark.parametrize("model", MODELS)
def test_sizes_are_measured_recorded_and_skipped(model, tmp_path, in_this_process, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    console = Console(width=120, record=True, quiet=False, file=(tmp_path / "printed").open("w"))
    (record,) = run_scale("1e3", model, genes=60, steps=3, out=tmp_path / "out", console=console)
    assert record == json.loads((tmp_path / "out" / f"{model}-1000.json").read_text())
    assert record["model"] == model
    assert record["n_cells"] == 1000 and record["n_genes"] == 60 and 0 < record["zeros"] < 1
    assert record["train"]["training"]["seconds"] > record["train"]["steps"]["seconds"] > 0
    assert record["train"]["peak_gb"] >= record["train"]["base_gb"] > 0.05
    assert -0.5 < record["types"]["ARI"] <= 1
    assert ("types_and_outliers" in record) == (model == "cplmixvi")
    assert not list(tmp_path.glob("mixvi-scale-*"))  # the cells are thrown away
    assert "1,000" in console.export_text()
    monkeypatch.setattr(running, "measure", lambda *_: pytest.fail("measured again"))
    assert run_scale("1000", model, out=tmp_path / "out") == [record]


def test_a_job_in_a_process_of_its_own(tmp_path):
    done = alone(running.simulate_into, tmp_path / "cells.h5ad", 1000, 50)
    assert set(done) == {"zeros", "peak_gb"} and done["peak_gb"] > 0.05


def test_numbers_of_cells():
    assert numbers_of_cells("3e5,1e5, 1e5") == [100_000, 300_000]


@pytest.mark.parametrize("text", ["", "many", "1e2", "1e12", "1500.5", "nan"])
def test_wrong_numbers_of_cells_are_refused_in_one_line(text):
    result = CliRunner().invoke(app, ["bench", "scale", "--cells", text], env={"COLUMNS": "200"})
    assert result.exit_code == 1 and result.output.startswith("error: cells: ")
    assert len(result.output.strip().splitlines()) == 1


def test_an_unknown_model_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Choose from cplmixvi, moesimvi"):
        run_scale("1e3", "leiden", out=tmp_path)


def test_too_little_space_is_told_before_anything_is_done(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("usage", (), {"free": 10**6}))
    with pytest.raises(OSError, match=r"less than the 0.4 GB that are needed: set TMPDIR"):
        run_scale("1e5", out=tmp_path)


def test_the_stopwatch_counts_from_the_last_lap():
    watch = Stopwatch()
    first = watch.lap()
    assert 0 <= first["seconds"] < 1 and 0 <= first["cpu_seconds"] < 1
