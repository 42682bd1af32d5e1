"""The command, as a user runs it."""

import anndata as ad
import numpy as np
import pytest
from matplotlib.image import imread
from typer.testing import CliRunner

from mixvi import datasets
from mixvi.bench.data import SIMULATED
from mixvi.cli import app
from mixvi.datasets import simulate_types_and_states
from mixvi.images import to_anndata


def run(*arguments: str):
    return CliRunner().invoke(app, ["demo", *arguments], env={"COLUMNS": "200"})


def test_demo_on_the_cells_that_come_with_scanpy(tmp_path):
    result = run("--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    for row in ("cells", "types found", "agreement of the arms", "accuracy against labels", "NMI against labels"):
        assert row in result.output
    adata = ad.read_h5ad(tmp_path / "pbmc68k_reduced.h5ad")
    assert adata.n_obs == 700
    assert {"cpl_type", "cpl_confidence", "cpl_agreement", "bulk_labels"} <= set(adata.obs)
    assert adata.obsm["X_cpl_state"].shape == (700, 2)
    assert adata.obsm["X_cpl_umap"].shape == (700, 2)
    assert imread(tmp_path / "pbmc68k_reduced.png").std() > 0.05  # something is drawn


def test_demo_on_a_file(tmp_path):
    adata = simulate_types_and_states([150, 100, 50], n_genes=100)
    adata.layers["counts"], adata.X = adata.X, np.zeros(adata.shape, np.float32)
    adata.layers["counts"][:, 0] = 0  # an empty gene is left out of the model, not of the file
    adata.write_h5ad(tmp_path / "cells.h5ad")
    result = run(
        "--data", str(tmp_path / "cells.h5ad"), "--labels", "type", "--layer", "counts", "--out", str(tmp_path / "out")
    )
    assert result.exit_code == 0, result.output
    written = ad.read_h5ad(tmp_path / "out" / "cells.h5ad")
    assert written.shape == adata.shape
    assert "1.000" in result.output.split("accuracy against labels")[1].splitlines()[0]


def test_demo_on_images_keeps_all_pixels(tmp_path):
    images = np.random.default_rng(0).random((80, 6, 7)).astype(np.float32)
    images[:40, :3] = images[40:, 3:] = 0
    images[:, :, 0] = 0  # pixels that are never used
    to_anndata(images).write_h5ad(tmp_path / "images.h5ad")
    result = run("--data", str(tmp_path / "images.h5ad"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    assert ad.read_h5ad(tmp_path / "out" / "images.h5ad").shape == (80, 42)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere.h5ad"], "There is no file nowhere.h5ad"),
        (["--labels", "nothing"], "'nothing' is not a column"),
        (["--layer", "nothing"], "'nothing' is not in adata.layers"),
    ],
)
def test_errors_are_one_line(arguments, message, tmp_path):
    result = run(*arguments, "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def bench(*arguments: str):
    return CliRunner().invoke(app, ["bench", *arguments], env={"COLUMNS": "200"})


@pytest.fixture
def few_cells(monkeypatch):
    """Makes a small simulation of simulated20, and hides the data sets that are downloaded."""
    monkeypatch.setattr(datasets, "DATASETS", {}, raising=False)
    monkeypatch.setitem(SIMULATED, "simulated20", {"n_types": 4, "n_cells": 300, "n_genes": 100, "imbalance": 3})


def test_bench_runs_and_reports(few_cells, tmp_path):
    records = str(tmp_path / "records")
    result = bench("types", "--data", "simulated20", "--methods", "log_pcs", "--seeds", "1", "--out", records)
    assert result.exit_code == 0, result.output
    assert "k-means, number of labels given, on log-normalised PCs" in result.output
    assert (tmp_path / "records" / "simulated20" / "log_pcs" / "0.json").exists()
    result = bench("report", "--records", records, "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert "## simulated20" in (tmp_path / "benchmarks.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["types", "--data", "nothing"], "Unknown data set 'nothing'"),
        (["types", "--data", "simulated20", "--methods", "nothing"], "Unknown method 'nothing'"),
        (["report", "--records", "nowhere"], "There are no records in nowhere"),
    ],
)
def test_bench_errors_are_one_line(few_cells, arguments, message, tmp_path):
    result = bench(*arguments, "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
