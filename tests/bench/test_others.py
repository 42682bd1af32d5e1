import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi.bench.data import Cells, truth_of
from mixvi.bench.methods import METHODS, chosen_methods
from mixvi.bench.others import run_model
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.records import unpack
from mixvi.bench.scoring import scored
from mixvi.bench.summary import summarised
from mixvi.model import MoESimVI


@pytest.fixture
def gated() -> Cells:
    """Cells by mass cytometry: three populations that differ in two of three markers."""
    rng = np.random.default_rng(0)
    kind = rng.integers(3, size=300)
    signal = np.array([[200.0, 1.0, 5.0], [1.0, 200.0, 5.0], [1.0, 1.0, 5.0]])[kind]
    var = pd.DataFrame({"marker_class": ["type", "type", "state"]}, index=["CD3", "CD19", "pSTAT1"])
    adata = AnnData(rng.gamma(10, signal / 10).astype(np.float32), var=var)
    return Cells("gated", adata, pd.Series(kind.astype(str), index=adata.obs_names, dtype=object))


def test_a_model_runs_on_the_markers_that_its_rivals_see(gated):
    outcome = run_model(gated, 0, MoESimVI)
    assert outcome.settings["genes"] == 2
    assert outcome.settings["model"]["n_categories"] == 3
    record = scored(gated, "moesimvi_k", 0, outcome, 1.0)
    assert record.partitions["types"].scores["ARI"] > 0.95
    assert record.details["mean_f1"] > 0.95


def test_both_f_measures_of_cytometry_are_kept(gated):
    merged = gated.labels.map({"0": 0, "1": 1, "2": 1}).to_numpy()
    record = scored(gated, "flowsom", 0, Outcome({"types": Found(merged, 1.0)}, 1.0, {}), 1.0)
    n = gated.labels.value_counts()
    shared = 2 * n["1"] / (2 * n["1"] + n["2"]), 2 * n["2"] / (n["1"] + 2 * n["2"])
    assert record.details["mean_f1"] == pytest.approx((1 + max(shared)) / 3, abs=1e-4)
    (row,) = summarised([record])
    assert row.title == "FlowSOM, number of labels given"
    assert row.measures["flowcap_f"] == [record.details["flowcap_f"]]


def test_populations_are_ordered_by_transformed_markers(gated):
    gated.adata.X -= 3  # intensities below zero occur
    truth = truth_of(gated)
    assert sorted(truth.labels) == ["0", "1", "2"]
    assert [truth.labels[code] for code in unpack(truth.codes)] == gated.labels.to_list()


def test_every_model_has_a_name():
    assert {"moesimvi", "jointvi", "cascadevi", "infoganvi", "vadevi"} <= METHODS.keys()
    assert chosen_methods("baselines") == ["jointvi", "cascadevi", "infoganvi", "vadevi"]
