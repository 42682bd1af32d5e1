"""Cells and arguments that no model can be made of: refused before anything is changed."""

import numpy as np
import pandas as pd
import pytest
from anndata import read_h5ad
from mudata import MuData
from scipy import sparse

from mixvi import CascadeVI, CplMixVI, InfoGANVI, JointVI, MoESimVI, VaDEVI
from mixvi.model.checks import summarise

CLASSES = [CplMixVI, MoESimVI, JointVI, CascadeVI, InfoGANVI, VaDEVI]


def as_x(make):
    def change(adata):
        adata.X = make(adata.X)

    return change


def column(values):
    def change(adata):
        adata.obs["new"] = values

    return change


def twice(adata):
    adata.obs = pd.concat([adata.obs, adata.obs[["batch"]]], axis=1)


CATEGORICAL, CONTINUOUS = "categorical_covariate_keys", "continuous_covariate_keys"
MIXED = np.array(["a", 1] * 25, dtype=object)
BAD_CELLS = {
    "csc_array": (as_x(sparse.csc_array), {}, TypeError, "csc_array, which scvi-tools does not read. Convert it"),
    "masked": (as_x(lambda x: np.ma.masked_array(x.toarray())), {}, TypeError, r"masked array. .*filled\(0\)"),
    "complex": (as_x(lambda x: x.astype(complex)), {}, TypeError, "complex128, not numbers"),
    "objects": (as_x(lambda x: x.toarray().astype(object)), {}, TypeError, "object, not numbers"),
    "a gene of NaN": (as_x(lambda x: x.toarray() * np.where(np.arange(40) == 7, np.nan, 1)), {}, ValueError, "NaN"),
    "layer by number": (None, {"layer": 3}, TypeError, "layer must be a name, not int"),
    "layers": (None, {"layer": ["counts"]}, TypeError, "layer must be a name, not list"),
    "batches": (None, {"batch_key": ["batch"]}, TypeError, "batch_key must be a name, not list"),
    "batch by number": (None, {"batch_key": 3}, TypeError, "batch_key must be a name, not int"),
    "a covariate": (None, {CATEGORICAL: "batch"}, TypeError, r"a list of names such as \['donor'\], not str"),
    "a tuple": (None, {CATEGORICAL: ("batch",)}, TypeError, "a list of names"),
    "a number as covariate": (None, {CONTINUOUS: [3]}, TypeError, "must be a name, not int"),
    "a continuous one": (None, {CONTINUOUS: "age"}, TypeError, "a list of names"),
    "twice the same": (None, {CATEGORICAL: ["batch", "batch"]}, ValueError, "names a column twice"),
    "two columns": (twice, {"batch_key": "batch"}, ValueError, "has several columns 'batch'"),
    "infinite": (column(np.inf), {CONTINUOUS: ["new"]}, ValueError, "must hold finite numbers"),
    "missing": (column(np.nan), {CONTINUOUS: ["new"]}, ValueError, "has missing values"),
    "dates": (column(pd.Timestamp("2020-01-01")), {CONTINUOUS: ["new"]}, ValueError, "must hold finite numbers"),
    "text and numbers": (column(MIXED), {"batch_key": "new"}, ValueError, r"mixes text and numbers. .*astype\(str\)"),
    "a batch a cell": (column([f"b{i}" for i in range(50)]), {"batch_key": "new"}, ValueError, "50 batches of 50"),
    "unknown argument": (None, {"batch": "batch"}, TypeError, "batch"),
}


@pytest.mark.parametrize(("change", "setup", "error", "message"), BAD_CELLS.values(), ids=BAD_CELLS)
@pytest.mark.filterwarnings("ignore")
def test_setup_refuses(change, setup, error, message, cells, unchanged):
    if change:
        change(cells)
    watch = unchanged(cells)
    with pytest.raises(error, match=message):
        CplMixVI.setup_anndata(cells, **setup)
    watch.check()


@pytest.mark.parametrize("part", [np.s_[:40], np.s_[:, :30]], ids=["cells", "genes"])
def test_a_view_is_to_be_copied(part, cells, unchanged):
    watch = unchanged(cells)
    with pytest.raises(ValueError, match=r"adata = adata.copy\(\)"):
        CplMixVI.setup_anndata(cells[part])
    watch.check()


def test_dask_is_to_be_read_first(cells):
    array = pytest.importorskip("dask.array")
    cells.X = array.from_array(cells.X.toarray())
    with pytest.raises(TypeError, match=r"adata = adata.to_memory\(\)"):
        CplMixVI.setup_anndata(cells)


KINDS = {
    "csc": sparse.csc_matrix,
    "by columns": lambda x: np.asfortranarray(x.toarray()),
    "uint16": lambda x: x.astype(np.uint16),
}


def quick_probabilities(adata):
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=2)
    model.train(max_epochs=1, start="random", enable_progress_bar=False)
    return model.get_type_probabilities()


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_every_kind_of_matrix_gives_the_same_model(make, cells):
    other = cells.copy()
    other.X = make(other.X)
    np.testing.assert_allclose(quick_probabilities(other), quick_probabilities(cells), atol=1e-5)


def test_backed_cells(cells, tmp_path, model):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    before = (tmp_path / "cells.h5ad").read_bytes()
    backed = read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert model.get_cell_types(backed).to_list() == model.get_cell_types(cells).to_list()
    assert summarise(backed, "counts") == summarise(cells, "counts")
    backed.file.close()
    assert (tmp_path / "cells.h5ad").read_bytes() == before


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("what", ["array", "frame", "text", "list"])
def test_no_anndata(cls, what, cells):
    what = {"array": cells.X, "frame": cells.to_df(), "text": "cells.h5ad", "list": [cells]}[what]
    for make in (cls, cls.setup_anndata):
        with pytest.raises(TypeError, match="adata must be an AnnData object, not "):
            make(what)


@pytest.mark.parametrize("cls", CLASSES)
def test_without_setup(cls, cells, unchanged):
    watch = unchanged(cells)
    with pytest.raises(ValueError, match=rf"set up your AnnData with {cls.__name__}.setup_anndata first"):
        cls(cells)
    with pytest.raises(ValueError, match="adata or registry must be provided"):
        cls()
    watch.check()


def test_of_two_modalities(cells):
    with pytest.raises(ValueError, match="setup_mudata"):
        MoESimVI(MuData({"rna": cells}))
    with pytest.raises(TypeError, match="MuData"):
        CplMixVI.setup_mudata(cells)
    with pytest.raises(KeyError, match="protein"):
        CplMixVI.setup_mudata(MuData({"rna": cells, "ephys": cells.copy()}), modalities={"rna": None, "protein": None})


BAD_OPTIONS = {
    "n_categories": [("3", TypeError), (3.5, ValueError), (True, ValueError), (0, ValueError), ([3], TypeError)],
    "n_arms": [(True, ValueError), ("2", TypeError), (-1, ValueError), (None, TypeError)],
    "n_state": [("2", TypeError), (0.5, ValueError)],
    "coupling_weight": [(np.nan, ValueError), (np.inf, ValueError), ("a", TypeError), (-1, ValueError)],
    "temperature": [(np.nan, ValueError), ("a", TypeError), (0, ValueError)],
    "seed": [("a", TypeError), (-1, ValueError), (None, TypeError), (1.5, ValueError)],
    "likelihood": [(["nb"], TypeError), (3, TypeError), ("poisson", ValueError)],
    "coupling": [(["consensus"], TypeError), ("none", ValueError)],
    "augmenter": [(3, TypeError), ("noise", ValueError)],
    "n_hidden": [(0, ValueError), ("a", TypeError), (1.5, ValueError)],
    "n_bottleneck": [(0, ValueError)],
    "n_components": [(0, ValueError), (-1, ValueError), ("all", TypeError)],
    "dropout_rate": [(2, ValueError), (-0.1, ValueError), (np.nan, ValueError), ("half", TypeError)],
    "shared_arms": [("no", TypeError), (1, TypeError)],
    "type_dependent_state": [("no", TypeError)],
    "n_layer": [(3, TypeError)],
}
CASES = [(name, value, error) for name, values in BAD_OPTIONS.items() for value, error in values]


@pytest.mark.parametrize(("name", "value", "error"), CASES, ids=[f"{name}={value}" for name, value, _ in CASES])
def test_options(name, value, error, cells):
    CplMixVI.setup_anndata(cells)
    with pytest.raises(error, match=name):
        CplMixVI(cells, **{name: value})
