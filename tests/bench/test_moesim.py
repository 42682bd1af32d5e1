"""`mixvi bench moesim`, on 600 cells by mass cytometry in two wells."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi import datasets
from mixvi.bench import methods, moesim
from mixvi.bench.data import Cells, load_cells
from mixvi.bench.generation import _separation, judged, run_generation
from mixvi.bench.judging import Judge
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.report import write_report
from mixvi.bench.samples import run_by_sample


@pytest.fixture
def named(monkeypatch, two_wells) -> None:
    """Makes the cells a data set that can be named, and its wells samples."""
    monkeypatch.setattr(datasets, "DATASETS", {"toy": SimpleNamespace(labels_key="population", batch_key=None)})
    monkeypatch.setattr(datasets, "load", lambda name: two_wells.adata.copy())
    monkeypatch.setattr(moesim, "SAMPLES", {"toy": "well"})


def test_wells_are_clustered_by_themselves(named, monkeypatch, tmp_path):
    def by_first_marker(cells, seed):
        x = np.asarray(cells.adata.X)
        return Outcome({"types": Found((x[:, 0] > 50).astype(int) + 2 * (x[:, 1] > 50), 1.0)}, 1.0, {})

    seen = []
    monkeypatch.setitem(
        methods.METHODS, "flowsom", lambda *args: seen.append(args[0].adata.n_obs) or by_first_marker(*args)
    )
    rows = run_by_sample("toy", "well", lambda: load_cells("toy"), ["flowsom"], 1, tmp_path)
    assert [(row.data, row.mean("mean_f1"), row.mean("flowcap_f")) for row in rows] == [("A1", 1, 1), ("B2", 1, 1)]
    run_by_sample("toy", "well", lambda: load_cells("toy"), ["flowsom"], 1, tmp_path)
    assert seen == [300, 300]  # once each
    with pytest.raises(KeyError, match="'donor' is not a column of toy"):
        run_by_sample("toy", "donor", lambda: load_cells("toy"), ["flowsom"], 1, tmp_path)


class Dealer:
    """Stands in for a model of four types: 0 and 1 are two populations, 2 and 3 halves of the third."""

    _key_prefix = "moe"

    def __init__(self, cells: Cells):
        self.kind = pd.Series(
            np.where(np.asarray(cells.adata.X)[:, 0] > 50, 0, np.where(np.asarray(cells.adata.X)[:, 1] > 50, 1, 2))
        )
        self.kind[self.kind.eq(2) & (np.arange(600) % 2 == 0)] = 3
        self.values = np.asarray(cells.adata.X)

    def get_cell_types(self):
        return self.kind.astype(str)

    def get_latent_representation(self):
        return np.eye(4)[self.kind] * 9 + np.random.default_rng(0).normal(size=(600, 4))

    def generate(self, name, n):
        """Right but for type 1, a quarter of which is of type 0, with a low posterior."""
        made = self.values[np.flatnonzero(self.kind == int(name))[:n]].copy()
        wrong = (np.arange(n) % 4 == 0) & (name == "1")
        made[wrong] = self.values[np.flatnonzero(self.kind == 0)[: wrong.sum()]]
        return AnnData(made, obs=pd.DataFrame({"moe_probability": np.where(wrong, 0.5, 1.0)}))


def test_generated_cells_are_judged_by_hand(two_wells):
    cells = two_wells
    judge = Judge(cells, cells.adata.X, counts=False)
    found = judged(Dealer(cells), cells, judge, 40)
    # types 2 and 3 are one label: 30 of 40 are right of one label of three
    assert found["generated"]["0"] == {
        "accuracy": pytest.approx((1 + 0.75 + 1) / 3, abs=1e-3),
        "kept": pytest.approx(1),
        "draws": 1,
    }
    assert found["generated"]["0.9"]["accuracy"] == 1
    assert found["generated"]["0.9"]["draws"] == pytest.approx((1 + 4 / 3 + 1) / 3, abs=1e-3)
    assert (found["types"], found["labels"]) == (4, 3)
    assert found["real"] > 0.97 and found["judge"] > 0.97
    assert abs(found["mmd"]["within"]) < 0.02 < 0.5 < found["mmd"]["between"]


def test_types_of_few_cells_are_not_compared():
    latent = np.random.default_rng(0).normal(size=(130, 2))
    assert _separation(latent, np.repeat(["a", "b"], [100, 30])) == {"within": None, "between": None, "n_samples": 0}
    assert _separation(latent, np.repeat(["a", "b", "c"], [60, 60, 10]))["n_samples"] == 30


def test_the_command_from_end_to_end(named, monkeypatch, tmp_path):
    quick = {"max_epochs": 30}
    few = lambda *args, **kwargs: run_generation(*args, **kwargs, n_each=50, train=quick)  # noqa: E731
    monkeypatch.setattr(moesim, "run_generation", few)
    monkeypatch.setattr(moesim, "MODELS", ["moesimvi_k", "similarity=none"])
    monkeypatch.setitem(methods.GROUPS, "moesim", ["moesimvi_bound"])
    monkeypatch.setattr(moesim, "IN_SAMPLES", ["markers"])
    moesim.run_moesim("toy", 1, tmp_path)
    record = json.loads((tmp_path / "generation" / "toy" / "moesimvi_k" / "0.json").read_text())
    assert record["generated"]["0"]["accuracy"] > 0.75  # after few steps; a third by chance
    bound = json.loads((tmp_path / "toy" / "moesimvi_bound" / "0.json").read_text())
    assert bound["settings"]["model"]["n_categories"] <= 4  # 10/7 of three labels
    page = write_report(tmp_path, tmp_path).read_text()
    assert "### toy" in page and "A1 mean F1" in page and "| toy | MoESimVI, no similarity term |" in page
    assert "| random forest that is taught the labels, on cells held out |" in page
