"""Bad input: one clear error each, before any work, and nothing of the user's is changed."""

import numpy as np
import pytest
from scipy import sparse

from mixvi import CplMixVI
from mixvi.model.checks import summarise


def without_cell(adata):
    adata.X[3] = 0


def without_gene(adata):
    adata.X[:, 3] = 0


def put(value):
    def change(adata):
        adata.X = adata.X.toarray()
        adata.X[2, 2] = value

    return change


def same_name(names):
    def change(adata):
        values = list(getattr(adata, names))
        values[1] = values[0]
        setattr(adata, names, values)

    return change


def as_type(make):
    def change(adata):
        adata.X = make(adata.X)

    return change


def missing_batch(adata):
    adata.obs["batch"] = [None, *["a"] * (adata.n_obs - 1)]


BAD = {
    "NaN": (put(np.nan), {}, ValueError, "adata.X has NaN or infinite values"),
    "infinity": (put(np.inf), {}, ValueError, "adata.X has NaN or infinite values"),
    "empty cell": (without_cell, {}, ValueError, r"1 of 120 cells .* sc.pp.filter_cells\(adata, min_counts=1\)"),
    "empty gene": (without_gene, {}, ValueError, r"1 of .* genes .* sc.pp.filter_genes\(adata, min_cells=1\)"),
    "sparse array": (as_type(sparse.csr_array), {}, TypeError, "csr_array.*scipy.sparse.csr_matrix"),
    "strings": (as_type(lambda x: x.toarray().astype(str)), {}, TypeError, "not numbers"),
    "booleans": (as_type(lambda x: x.toarray() > 0), {}, TypeError, "not numbers"),
    "no matrix": (as_type(lambda x: None), {}, TypeError, "adata.X is empty"),
    "too large": (put(2**25), {}, ValueError, "more than single precision holds"),
    "too large for int32": (
        as_type(lambda x: x.astype(np.int64) * 2**40),
        {},
        ValueError,
        "more than single precision",
    ),
    "too large for float32": (
        as_type(lambda x: x.toarray().astype(float) * 1e300),
        {},
        ValueError,
        "too large|more than",
    ),
    "cells of one name": (same_name("obs_names"), {}, ValueError, "obs_names_make_unique"),
    "genes of one name": (same_name("var_names"), {}, ValueError, "var_names_make_unique"),
    "wrong layer": (None, {"layer": "counts"}, KeyError, "'counts' is not in adata.layers"),
    "wrong batch": (None, {"batch_key": "donor"}, KeyError, "'donor' is not a column of adata.obs, which has 'type'"),
    "missing batch": (missing_batch, {"batch_key": "batch"}, ValueError, "missing values"),
    "wrong covariate": (None, {"categorical_covariate_keys": ["x"]}, KeyError, "'x' is not a column"),
    "words as numbers": (None, {"continuous_covariate_keys": ["type"]}, ValueError, "finite numbers"),
}


@pytest.mark.parametrize(("change", "setup", "error", "message"), BAD.values(), ids=BAD)
@pytest.mark.filterwarnings("ignore")
def test_setup_refuses(change, setup, error, message, small):
    if change:
        change(small)
    keys = set(small.obs), set(small.uns), set(small.obsm)
    with pytest.raises(error, match=message):
        CplMixVI.setup_anndata(small, **setup)
    assert (set(small.obs), set(small.uns), set(small.obsm)) == keys


def test_no_anndata():
    with pytest.raises(TypeError, match="must be an AnnData object, not ndarray"):
        CplMixVI.setup_anndata(np.ones((5, 5)))


@pytest.mark.parametrize("part", [np.s_[:1], np.s_[:0], np.s_[:9], np.s_[:, :1], np.s_[:, :0]])
def test_too_few_cells_or_genes(part, small):
    with pytest.raises(ValueError, match="at least 10 cells and 2 genes are needed|no cells"):
        CplMixVI.setup_anndata(small[part].copy())


def test_cells_that_were_not_set_up(small):
    with pytest.raises(ValueError, match=r"set up your AnnData with CplMixVI.setup_anndata first"):
        CplMixVI(small)


def test_negative_values_are_refused_unless_meant(small):
    put(-1)(small)
    CplMixVI.setup_anndata(small)
    with pytest.raises(ValueError, match="neither counts nor log-normalised.*likelihood='normal'"):
        CplMixVI(small)
    with pytest.raises(ValueError, match="needs counts, but the smallest value is -1"):
        CplMixVI(small, likelihood="nb")
    assert CplMixVI(small, likelihood="normal").module is not None


@pytest.mark.parametrize("likelihood", ["nb", "zinb"])
def test_values_that_are_no_counts(likelihood, small, log_normalised):
    adata = log_normalised(small)
    CplMixVI.setup_anndata(adata)
    with pytest.raises(ValueError, match=f"likelihood='{likelihood}' needs counts.*likelihood='normal'"):
        CplMixVI(adata, likelihood=likelihood)


def test_summary_by_hand_and_in_chunks(small, monkeypatch):
    whole = summarise(small, None)
    counts = small.X.toarray()
    assert whole.integers
    assert (whole.minimum, whole.maximum) == (counts.min(), counts.max())
    monkeypatch.setattr("mixvi.model.checks.ROWS", 7)
    assert summarise(small, None) == whole


def test_backed_cells_are_checked_too(small, tmp_path):
    import anndata as ad

    small.write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert summarise(backed, None) == summarise(small, None)
    backed.file.close()
