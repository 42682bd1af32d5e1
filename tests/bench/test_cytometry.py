import sys

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi.bench.cytometry import run_flowsom, run_phenograph
from mixvi.bench.data import Cells
from mixvi.bench.representations import markers
from mixvi.metrics import flowcap_f, weber_robinson_f1


@pytest.fixture(scope="module")
def gated() -> Cells:
    """900 cells of three types on four markers, raw intensities, beside a marker of state."""
    rng = np.random.default_rng(0)
    kind = rng.integers(3, size=900)
    high = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 0]])[kind]
    x = 5 * np.sinh(5 * high + 0.3 * rng.normal(size=high.shape))
    adata = AnnData(np.column_stack([x, 100 * rng.random(900)]).astype(np.float32))
    adata.var["marker_class"] = ["type"] * 4 + ["state"]
    adata.var_names = ["a", "b", "c", "CD45", "p"]
    return Cells("gated", adata, pd.Series(kind.astype(str), dtype=object))


@pytest.mark.parametrize(("package", "run"), [("flowsom", run_flowsom), ("phenograph", run_phenograph)])
def test_planted_types_are_found(gated, package, run):
    pytest.importorskip(package, reason=f"{package} is an optional dependency")
    before = gated.adata.X.copy()
    outcome = run(gated, 0)
    types = outcome.found["types"].types
    assert types.dtype.kind == "i"
    assert flowcap_f(gated.labels, types) > (0.95 if package == "flowsom" else 0.4)  # Louvain splits even blobs
    assert weber_robinson_f1(gated.labels, types) <= 1
    np.testing.assert_array_equal(gated.adata.X, before)
    assert gated.adata.var_names.tolist() == ["a", "b", "c", "CD45", "p"]


def test_flowsom_repeats_with_a_seed(gated):
    pytest.importorskip("flowsom", reason="flowsom is an optional dependency")
    first, second = (run_flowsom(gated, 3).found["types"].types for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("package", "run"), [("flowsom", run_flowsom), ("phenograph", run_phenograph)])
def test_it_is_said_how_to_install_what_is_missing(gated, package, run, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"{package} is not installed: pip install 'mixvi\[bench\]'"):
        run(gated, 0)


def test_markers_of_types_on_the_usual_scale(gated):
    np.testing.assert_allclose(markers(gated, 0), np.arcsinh(gated.adata.X[:, :4] / 5), rtol=1e-4, atol=1e-6)


def test_other_data_are_refused(cells):
    with pytest.raises(ValueError, match="toy has no marker classes"):
        markers(cells, 0)
