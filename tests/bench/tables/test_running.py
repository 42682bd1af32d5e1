import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from mixvi.bench.data import Cells
from mixvi.bench.records import Records
from mixvi.bench.tables import fitting, running, specs
from mixvi.bench.tables.page import write_tables
from mixvi.bench.tables.quick import quick_cells
from mixvi.bench.tables.running import run_table, steps_of
from mixvi.bench.tables.showing import line as spec_line
from mixvi.bench.tables.specs import SPECS, TableRow, TableSpec, row
from mixvi.cli import app
from mixvi.datasets import load, simulate_types_and_states

logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)


def small_cells(name: str) -> Cells:
    """60 digits, or 60 cells of two types; nothing else is at hand."""
    if name == "mnist":
        adata = load("digits")[:60].copy()
        return Cells(name, adata, adata.obs["label"].astype(object))
    if name == "simulated115":
        adata = simulate_types_and_states([40, 20], n_genes=40)
        return Cells(name, adata, adata.obs["type"].astype(object))
    raise FileNotFoundError(f"Wanted: {name}.h5ad")


@pytest.fixture
def small(monkeypatch):
    """A table of three lines on small data, one of them not at hand."""
    lines = (
        row("mnist", "JointVAE", "jointvae", 100, {"accuracy": (69.0, 12.0)}),
        row("simulated115", "JointVAE", "jointvae", 200, n_categories=2),
        row("tasic2018", "JointVAE", "jointvae", 100, {"accuracy": (12.5, 3.0)}),
        TableRow("mnist", "IMSAT", None, printed={"accuracy": (98.4, None)}),
    )
    monkeypatch.setitem(SPECS, "small", TableSpec("Small", ("accuracy", "speed"), lines))
    monkeypatch.setattr(running, "load_cells", small_cells)


@pytest.mark.parametrize(
    ("iters", "steps"), [(None, 120_000), ("2000", 2000), ("2,000", 2000), ("2.5%", 3000), ("0.0001%", 1)]
)
def test_steps(iters, steps):
    assert steps_of(120_000, iters) == steps


@pytest.mark.parametrize("iters", ["0", "-3", "many", "%", "1.5", "inf%", "nan%"])
def test_steps_that_are_none(iters):
    with pytest.raises(ValueError, match="as 10%"):
        steps_of(100, iters)


def test_a_table_is_run_recorded_resumed_and_shown(small, tmp_path, capsys, monkeypatch):
    console = Console(width=200)
    (digits, runs), (_, cells), (_, missing), (_, quoted) = run_table("small", 2, "2%", out=tmp_path, console=console)
    assert [record.settings["steps"] for record in runs] == [2, 2]
    assert [record.settings["steps"] for record in cells] == [4, 4]
    assert (missing, quoted) == ([], [])
    measures = runs[0].details["measures"]
    assert measures["accuracy"] == pytest.approx(100 * runs[0].partitions["types"].scores["accuracy"], abs=1e-3)
    assert 0 <= measures["divergence"] <= 100 * np.log(10)
    assert {"reconstruction", "log_ratio", "state_mixture", "generation", "draws", "speed"} <= set(measures)
    shown = capsys.readouterr().out
    assert "tasic2018: data not at hand. Wanted: tasic2018.h5ad" in shown
    assert "69 ± 12" in shown
    line = next(text for text in shown.splitlines() if "IMSAT" in text)
    assert "quoted" in line
    assert "98.4" in line

    texts = spec_line(SPECS["small"], SPECS["small"].rows[0], runs)
    assert texts[-2:] == ["2", f"{torch.get_num_threads()} thread" + "s" * (torch.get_num_threads() > 1)]
    on_gpu = [replace(record, settings=record.settings | {"device": "cuda"}) for record in runs]
    assert spec_line(SPECS["small"], SPECS["small"].rows[0], on_gpu)[-1] == "a GPU"

    monkeypatch.setattr(running, "train_row", None)  # nothing is run again
    again = run_table("small", 2, "2%", out=tmp_path)
    assert [record.details for record in again[0][1]] == [record.details for record in runs]
    assert all(record.error for record in run_table("small", 1, "3%", out=tmp_path)[0][1])  # but other steps are

    page = write_tables(tmp_path, tmp_path).read_text()
    line = next(text for text in page.splitlines() if text.startswith("| mnist | JointVAE | 100 |"))
    assert "| failed | 69 ± 12 | – |" in line  # the longest run is shown
    assert any(text.startswith("| simulated115 | JointVAE | 200 | failed") for text in page.splitlines())
    assert "| tasic2018 | JointVAE | 100 | data not at hand | 12.5 ± 3 | – |" in page


def test_what_is_wrong_is_said_before_anything_is_run(tmp_path):
    for arguments, message in [
        ({"name": "table2"}, "table-s1"),
        ({"name": "table1", "iters": "x"}, "as 10%"),
        ({"name": "table1", "device": "tpu"}, "cuda"),
    ]:
        with pytest.raises(ValueError, match=message):
            run_table(out=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_rotated_copies_are_only_rotated(monkeypatch):
    seen = {}

    class Stop(Exception):
        pass

    class Model:
        setup_anndata = staticmethod(lambda *args, **kwargs: None)

        def __init__(self, adata, **kwargs):
            seen.update(kwargs)
            raise Stop

    recipe = fitting.RECIPES["cpl-mixvae-rotation"]
    monkeypatch.setitem(fitting.RECIPES, "cpl-mixvae-rotation", replace(recipe, model_class=Model))
    with pytest.raises(Stop):
        line = row("mnist", "cpl-mixVAEᵃ", "cpl-mixvae-rotation", 1)
        fitting.train_row(small_cells("mnist"), line, 1, 0, "cpu", False)
    affine = seen["augmenter"]
    assert np.degrees(affine.rotation) == pytest.approx(20)
    assert (affine.scaling, affine.shear, affine.shift) == (0, 0, 0)
    assert (seen["coupling"], seen["temperature"], seen["n_state"]) == ("aitchison", 0.67, 10)


@pytest.fixture
def smaller(monkeypatch, tmp_path):
    """About 80 of each of the stand-ins, and no folder with data."""

    def few(name):
        cells = quick_cells(name)
        some = slice(None, None, len(cells.labels) // 80)  # of all labels
        return replace(cells, adata=cells.adata[some].copy(), labels=cells.labels[some])

    monkeypatch.setattr(running, "quick_cells", few)
    monkeypatch.setenv("MIXVI_DATA_DIR", str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["table1", "generation"])
def test_quick_tables_run_without_downloads(name, smaller, tmp_path):
    results = run_table(name, quick=True, iters="2", device="cpu", out=tmp_path)
    for line, runs in results:
        assert [record.error for record in runs] == [None], line.title
        measures = runs[0].details["measures"]
        assert 0 < measures["accuracy"] <= 100
        assert ("disentanglement" in measures) == (line.data == "few_sprites")
    assert {path.parts[-4] for path in tmp_path.glob("**/0.json")} == {"quick"}
    assert len(list(Records(tmp_path / "quick").all())) == len(results)


def test_the_command(smaller, tmp_path):
    result = CliRunner().invoke(app, ["bench", "fig-s8", "--quick", "--iters", "2", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "digits, JointVAE, seed 0: ACC" in result.output
    wrong = CliRunner().invoke(app, ["bench", "fig-s8", "--iters", "some"])
    assert (wrong.exit_code, "as 10%" in wrong.output) == (1, True)


def test_sizes_are_those_of_the_papers():
    assert specs.SIZES["mnist"] == (10, 10)
    assert pd.DataFrame(specs.SIZES).T.loc["yao2021_mop"].tolist() == [140, 2]
