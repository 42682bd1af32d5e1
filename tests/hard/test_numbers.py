"""Extreme numbers: training goes on, or stops with an error that names the cause and leaves the model as it was."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mixvi import CplMixVI, JointVI, MoESimVI
from mixvi.arguments import checked_indices
from mixvi.datasets import simulate_types_and_states

QUIET = {"enable_progress_bar": False}


def three_types():
    adata = simulate_types_and_states([60, 40, 20], n_genes=60)
    adata.X = adata.X.toarray().astype(np.float32)
    return adata


def untrained(adata, **kwargs):
    CplMixVI.setup_anndata(adata)
    return CplMixVI(adata, **kwargs)


def is_finite(model) -> bool:
    answers = [model.get_states(), model.get_latent_representation(), model.get_type_probabilities().to_numpy()]
    curves = [table.to_numpy(float) for table in model.history.values()]
    weights = [weight.numpy() for weight in model.module.state_dict().values()]
    return all(np.isfinite(values).all() for values in (*answers, *curves, *weights))


def one_gene_a_cell(x):
    return np.where(np.arange(60) == np.arange(120)[:, None] % 60, 5, 0)


def a_single_one(x):
    return one_gene_a_cell(x) / 5


def up_to_ten_million(x):
    return (x * 1e4).clip(0, 1e7)


def one_huge_count(x):
    return np.where(np.arange(x.size).reshape(x.shape) == 0, 1e7, x)


def depths_apart(x):
    return x * np.where(np.arange(120) % 2, 1, 1000)[:, None]


EXTREME = [one_gene_a_cell, a_single_one, up_to_ten_million, one_huge_count, depths_apart]


@pytest.mark.parametrize("likelihood", ["nb", "zinb", "normal"])
@pytest.mark.parametrize("change", EXTREME)
def test_extreme_values_give_finite_answers(change, likelihood):
    adata = three_types()
    adata.X = change(adata.X).astype(np.float32)
    model = untrained(adata, likelihood=likelihood, n_categories=3)
    model.train(max_epochs=2, start="random", **QUIET)
    assert is_finite(model)


@pytest.mark.parametrize("cls", [MoESimVI, JointVI])
@pytest.mark.parametrize("change", [one_gene_a_cell, up_to_ten_million])
def test_of_other_models(cls, change):
    adata = three_types()
    adata.X = change(adata.X).astype(np.float32)
    cls.setup_anndata(adata)
    model = cls(adata, n_categories=3)
    more = {"start": "random", "similarity": "knn"} if cls is MoESimVI else {}
    model.train(max_epochs=2, **QUIET | more)
    assert np.isfinite(model.get_type_probabilities()).all().all()
    assert np.isfinite(model.get_latent_representation()).all()


@pytest.mark.parametrize("options", [{"temperature": 1e-6}, {"coupling_weight": 1e9}, {"coupling": "aitchison"}])
def test_extreme_settings_give_finite_answers(options):
    model = untrained(three_types(), n_categories=3, **options)
    model.train(max_epochs=2, start="random", **QUIET)
    assert is_finite(model)


def test_cells_without_any_expression(model, cells):
    cells.layers["counts"][3] = 0
    with pytest.raises(ValueError, match=r"1 of 50 cells have no expression .*filter_cells\(adata, min_counts=1\)"):
        model.get_cell_types(cells)


@pytest.mark.parametrize("values", [1.0, 3.0, 1e6])
@pytest.mark.parametrize("likelihood", ["nb", "normal"])
def test_cells_that_are_all_the_same(values, likelihood):
    adata = three_types()
    adata.X = np.full(adata.shape, values, np.float32)
    with pytest.raises(ValueError, match="All cells have the same expression, up to depth and rounding"):
        untrained(adata, likelihood=likelihood).train(max_epochs=1, **QUIET)


def test_one_expressed_gene_is_too_few():
    adata = three_types()
    adata.X[:, 1:] = 0
    adata.X[:, 0] = 1 + np.arange(120)
    with pytest.raises(ValueError, match=r"59 of 60 genes are not expressed .*filter_genes\(adata, min_cells=1\)"):
        CplMixVI.setup_anndata(adata)
    with pytest.raises(ValueError, match="2 genes are needed"):
        CplMixVI.setup_anndata(adata[:, :1].copy())


def test_one_cell_in_a_category():
    adata = three_types()
    adata.obs["start"] = ["rare", *["common"] * 119]
    model = untrained(adata, n_categories=2)
    model.train(max_epochs=2, start="start", **QUIET)
    assert is_finite(model)


def test_one_cell_in_a_batch():
    adata = three_types()
    adata.obs["batch"] = ["other", *["one"] * 119]
    CplMixVI.setup_anndata(adata, batch_key="batch")
    model = CplMixVI(adata, n_categories=3)
    model.train(max_epochs=2, start="random", **QUIET)
    assert is_finite(model)


def test_as_many_types_as_cells_but_not_more():
    adata = three_types()
    with pytest.raises(ValueError, match="n_categories=1000 must be at least 2 and at most the number of cells, 120"):
        untrained(adata, n_categories=1000)
    model = untrained(adata, n_categories=120)
    model.train(max_epochs=1, start="random", **QUIET)
    assert is_finite(model)
    assert 1 <= len(model.type_names) <= 120


@pytest.mark.parametrize("trained", [False, True], ids=["new", "trained"])
@pytest.mark.parametrize("rate", [10, 1e30])
def test_a_learning_rate_that_is_too_large(rate, trained):
    model = untrained(three_types(), n_categories=3)
    if trained:
        model.train(max_epochs=1, start="random", **QUIET)
    before, history = copy.deepcopy(model.module.state_dict()), copy.deepcopy(model.history)
    start = {} if trained else {"start": "random"}
    with pytest.raises(FloatingPointError, match="the model is as it was before. .* a smaller rate: plan_kwargs="):
        model.train(max_epochs=300, plan_kwargs={"lr": rate}, **start, **QUIET)
    after = model.module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert model.is_trained_ == trained
    assert (model.history is None) if history is None else model.history.keys() == history.keys()
    model.train(max_epochs=1, **start, **QUIET)
    assert is_finite(model)


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 6).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.integers(-n - 1, n), max_size=5))))
def test_positions_are_those_of_numpy(case):
    n, indices = case
    try:
        expected = np.arange(n)[np.asarray(indices, int)]
    except IndexError:
        with pytest.raises(IndexError, match=f"there are {n} cells"):
            checked_indices(indices, n)
    else:
        if len(indices):
            np.testing.assert_array_equal(checked_indices(indices, n), expected)
