from functools import partial

import numpy as np
import pytest

from mixvi.bench import types
from mixvi.bench.coupled import run_cplmixvi
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.records import Records, unpack
from mixvi.bench.report import write_report
from mixvi.bench.types import run_types
from mixvi.bench.variants import Variant


@pytest.fixture
def calls(monkeypatch, toy) -> list:
    """Stands in for two methods: one gives the truth or two candidates, one fails; notes what is run."""
    made = []

    def works(cells, seed):
        made.append(("cplmixvi", seed))
        truth = cells.adata.obs["type"].astype(int).to_numpy()
        return Outcome({"types": Found(truth, 2.0)}, 1.0, {"given": {}})

    def fails(cells, seed):
        made.append(("scvi", seed))
        raise RuntimeError("too [bold] much")

    def candidates(cells, seed):
        truth = cells.adata.obs["type"].astype(int).to_numpy()
        found = {"leiden_1": Found(0 * truth, 1.0), "leiden_2": Found(truth, 1.0), "leiden_3": Found(truth // 2, 1.0)}
        return Outcome(found | {"kmeans": Found(truth, 1.0)}, 1.0, {}, ("leiden_1", "leiden_2", "leiden_3"))

    monkeypatch.setattr(types, "METHODS", {"cplmixvi": works, "scvi": fails, "log_pcs": candidates})
    return made


def test_finished_runs_are_skipped(calls, tmp_path):
    run_types("toy", "cplmixvi", 2, tmp_path)
    assert calls == [("cplmixvi", 0), ("cplmixvi", 1)]
    (row,) = run_types("toy", "cplmixvi", 3, tmp_path)
    assert calls[2:] == [("cplmixvi", 2)]
    assert (row.n_seeds, row.mean("accuracy"), row.stability) == (3, 1.0, 1.0)
    run_types("toy", "cplmixvi", 1, tmp_path, fresh=True)
    assert calls[3:] == [("cplmixvi", 0)]


def test_failed_runs_are_recorded_and_shown(calls, tmp_path, capsys):
    from rich.console import Console

    rows = run_types("toy", "scvi,cplmixvi", 1, tmp_path, console=Console(width=200))
    record = Records(tmp_path).read(tmp_path / "toy" / "scvi" / "0.json")
    assert record.error == "RuntimeError: too [bold] much"
    assert "scvi, seed 0: FAILED, RuntimeError: too [bold] much" in capsys.readouterr().out
    assert [(row.method, row.n_seeds, row.n_failed) for row in rows] == [("cplmixvi", 1, 0), ("scvi", 0, 1)]
    run_types("toy", "scvi", 1, tmp_path)
    assert calls.count(("scvi", 0)) == 1


def test_the_best_candidate_is_picked_with_the_labels(calls, tmp_path):
    picked, default, kmeans = run_types("toy", "log_pcs", 1, tmp_path)
    assert (picked.mean("accuracy"), picked.mean("types")) == (1.0, 3)
    assert default.mean("accuracy") == pytest.approx(100 / 199, abs=1e-5)  # all in one type: the cells of the largest
    assert kmeans.mean("ARI") == 1
    record = Records(tmp_path).read(tmp_path / "toy" / "log_pcs" / "0.json")
    assert record.picked == "leiden_2"
    assert record.partitions["leiden_3"].cells is None


@pytest.mark.parametrize(("data", "methods", "named"), [("x", "cplmixvi", "simulated20"), ("toy", "y", "n_arms=3")])
def test_unknown_names_are_refused_before_anything_is_written(toy, tmp_path, data, methods, named):
    with pytest.raises(ValueError, match=f"Unknown .*{named}"):
        run_types(data, methods, 1, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused(calls, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        run_types("toy", "cplmixvi", 1, tmp_path / "file")
    assert calls == []


def test_true_run_from_end_to_end(toy, monkeypatch, tmp_path):
    quick = partial(run_cplmixvi, variant=Variant(train={"max_epochs": 2}))
    monkeypatch.setitem(types.METHODS, "cplmixvi", quick)
    rows = run_types("toy", "cplmixvi,log_pcs,pearson_pcs", 2, tmp_path / "records")
    assert {row.n_seeds for row in rows} == {2}
    assert min(row.mean("accuracy") for row in rows if row.picked) > 0.95
    record = Records(tmp_path / "records").read(tmp_path / "records" / "toy" / "cplmixvi" / "0.json")
    assert record.settings["given"] == {"max_epochs": 2}
    assert record.details["history"]["epoch"] == [1, 2]
    assert len(record.details["by_type"]["n_cells"]) == record.partitions["types"].n_types
    assert np.bincount(unpack(record.partitions["types"].cells)).tolist() == record.details["by_type"]["n_cells"]
    assert "## toy" in write_report(tmp_path / "records", tmp_path).read_text()
