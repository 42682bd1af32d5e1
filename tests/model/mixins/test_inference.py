from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import sparse

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states
from mixvi.model.mixins.types import consensus
from mixvi.nn import SparseCells

VERBS = ["get_cell_types", "get_type_probabilities", "get_states", "get_latent_representation"]
VERBS += ["get_elbo", "get_reconstruction_error"]


@pytest.fixture
def fresh():
    """The training cells again, as a user would read them from another file."""
    return simulate_types_and_states([60, 40, 20], n_genes=60)


@pytest.mark.parametrize("verb", VERBS)
def test_asking_before_training(verb, small):
    CplMixVI.setup_anndata(small)
    with pytest.raises(RuntimeError, match=r"Call CplMixVI.train\(\) first"):
        getattr(CplMixVI(small), verb)()


def test_genes_are_matched_by_name(trained, fresh):
    expected = trained.get_cell_types().to_list()
    order = np.random.default_rng(0).permutation(fresh.n_vars)
    shuffled = fresh[:, order].copy()
    assert trained.get_cell_types(shuffled).to_list() == expected
    assert list(shuffled.var_names) == list(fresh.var_names[order])  # the user's cells keep their order
    assert "cpl_type" in shuffled.obs


def test_additional_genes_are_ignored(trained, fresh):
    import anndata as ad

    more = fresh[:, :5].copy()
    more.var_names = [f"other{i}" for i in range(5)]
    both = ad.concat([more, fresh], axis=1)
    assert trained.get_cell_types(both).to_list() == trained.get_cell_types().to_list()


def test_a_few_missing_genes_are_imputed(trained, fresh):
    expected = trained.get_cell_types().to_list()
    weight = trained.module.projection.gene_weights().numpy()
    rare = np.argsort(weight)[:6]
    part = np.delete(np.arange(fresh.n_vars), rare)[::-1]
    few = fresh[:, part].copy()
    with pytest.warns(UserWarning, match="6 of the model's 60 genes are missing from adata: .* looks at") as caught:
        types = trained.get_cell_types(few).to_list()
    assert sum("are missing" in str(warning.message) for warning in caught) == 1
    assert all(name in str(caught[0].message) for name in fresh.var_names[np.sort(rare)[:5]])
    assert np.mean(np.array(types) == expected) > 0.97
    assert few.n_vars == 54


def test_too_many_missing_genes(trained, fresh):
    before = set(fresh.obs)
    leading = trained.module.projection.gene_weights().argsort(descending=True).numpy()
    with pytest.raises(ValueError, match="genes are missing from adata: .* and at most 20% may be"):
        trained.get_cell_types(fresh[:, leading[20:]].copy())
    fresh.var_names = [f"other{i}" for i in range(fresh.n_vars)]
    with pytest.raises(ValueError, match="60 of the model's 60 genes .* 100% .* names of the same kind"):
        trained.get_cell_types(fresh)
    assert set(fresh.obs) == before


@pytest.mark.parametrize("verb", ["get_elbo", "get_reconstruction_error", "augment"])
def test_verbs_that_need_every_gene(trained, fresh, verb):
    with pytest.raises(ValueError, match="1 of the model's 60 genes .* gene0. .* all of them are needed"):
        getattr(trained, verb)(fresh[:, 1:].copy())


def test_a_few_new_cells_may_lack_genes(trained, fresh):
    few = fresh[:3].copy()
    assert trained.get_cell_types(few).to_list() == trained.get_cell_types().to_list()[:3]


def test_new_cells_are_checked(trained, fresh):
    fresh.X[0] = 0
    with pytest.raises(ValueError, match="1 of 120 cells have no expression"):
        trained.get_cell_types(fresh)
    with pytest.raises(TypeError, match="must be an AnnData"):
        trained.get_cell_types(np.ones((3, 60)))


def test_the_layer_of_training_must_be_there(fitted, fresh):
    fresh.layers["counts"] = fresh.X.copy()
    model = fitted(fresh, setup={"layer": "counts"}, n_categories=3, max_epochs=1)
    new = fresh.copy()
    del new.layers["counts"]
    with pytest.raises(KeyError, match="layer='counts' is not in adata.layers"):
        model.get_cell_types(new)


def test_a_view_of_the_cells(trained, fresh):
    assert len(trained.get_cell_types(fresh[10:30])) == 20


def test_elbo_matches_genes_and_is_reproducible(trained, fresh):
    order = np.random.default_rng(0).permutation(fresh.n_vars)
    expected = float(trained.get_elbo())
    assert float(trained.get_elbo()) == expected
    assert float(trained.get_elbo(fresh[:, order].copy())) == pytest.approx(expected)


def test_new_cells_leave_no_trace(trained, fresh):
    stores = trained._per_instance_manager_store[trained.id], trained._setup_adata_manager_store
    before = [len(store) for store in stores]
    trained.get_cell_types(fresh[:, ::-1].copy())
    assert [len(store) for store in stores] == before
    keys = set(fresh.obs), set(fresh.uns), set(fresh.obsm)
    trained.get_cell_types(fresh)
    columns = {"cpl_type", "cpl_confidence", "cpl_agreement", "cpl_outlier", "cpl_outlier_score"}
    assert set(fresh.obs) - keys[0] == columns
    assert (set(fresh.uns), set(fresh.obsm)) == keys[1:]


def test_new_cells_must_be_of_the_kind_that_was_trained_on(trained, fresh, log_normalised):
    with pytest.raises(ValueError, match="likelihood='nb' needs counts"):
        trained.get_cell_types(log_normalised(fresh))
    with pytest.raises(ValueError, match="no cells"):
        trained.get_cell_types(fresh[:0].copy())
    fresh.obs_names = ["same"] * fresh.n_obs
    with pytest.raises(ValueError, match="obs_names_make_unique"):
        trained.get_cell_types(fresh)


def test_new_cells_of_other_batches(fitted):
    adata = simulate_types_and_states([60, 40, 20], n_genes=60, n_batches=2)
    adata.obs["age"] = np.linspace(0, 1, adata.n_obs)
    setup = {"batch_key": "batch", "continuous_covariate_keys": ["age"]}
    model = fitted(adata, setup=setup, n_categories=3)
    expected = model.get_cell_types().to_list()
    new = adata[5:10].copy()
    assert model.get_cell_types(new).to_list() == expected[5:10]
    keys = set(new.obs)
    del new.obs["age"]
    with pytest.raises(KeyError, match="'age' is not a column"):
        model.get_cell_types(new)
    assert set(new.obs) == keys - {"age"}


def test_unseen_batches_are_as_the_average_of_the_known(fitted):
    adata = simulate_types_and_states([60, 40, 20], n_genes=60, n_batches=2)
    adata.obs["age"] = np.linspace(0, 1, adata.n_obs)
    setup = {"batch_key": "batch", "continuous_covariate_keys": ["age"]}
    model = fitted(adata, setup=setup, n_categories=3)
    expected = model.get_cell_types().astype(str)
    new = adata[:20].copy()
    new.obs["batch"] = [*new.obs["batch"][:10].astype(str), *["another"] * 10]
    with pytest.warns(UserWarning, match=r"'batch'.* has another, which the model has not seen \(it knows 0, 1\)"):
        types = model.get_cell_types(new).astype(str)
    assert types[:10].equals(expected[:10])  # a batch is known by its name

    x, age = torch.as_tensor(new.X.toarray()), torch.as_tensor(new.obs["age"].to_numpy(np.float32))[:, None]
    average = torch.cat([torch.full((20, 2), 0.5), age], 1)
    with torch.no_grad():
        log_q = model.module.encode_cells(x, average)[1]
    by_hand = consensus(log_q[..., torch.as_tensor(model.type_order_)] / model.temperature_).exp().numpy()
    np.testing.assert_allclose(model.get_type_probabilities(new).iloc[10:], by_hand[10:], rtol=1e-4)
    assert new.obs["batch"].iloc[-1] == "another"


def test_batches_that_are_numbers(fitted):
    adata = simulate_types_and_states([60, 40, 20], n_genes=60, n_batches=2)
    adata.obs["batch"] = adata.obs["batch"].astype(int)
    model = fitted(adata, setup={"batch_key": "batch"}, n_categories=3)
    expected = model.get_cell_types().to_list()
    new = adata.copy()
    new.obs["batch"] = new.obs["batch"].astype(str)
    assert model.get_cell_types(new).to_list() == expected
    new.obs["batch"] = 7
    with pytest.warns(UserWarning, match="has 7, which"):
        model.get_cell_types(new)


def test_backed_new_cells(trained, fresh, tmp_path):
    import anndata as ad

    fresh[:, ::-1].copy().write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert trained.get_cell_types(backed).to_list() == trained.get_cell_types().to_list()
    backed.file.close()


@pytest.mark.parametrize("kind", ["counts", "log", "one gene missing"])
def test_sparse_cells_give_the_answers_of_dense_ones(kind, fitted, fresh, log_normalised, monkeypatch):
    cells = log_normalised(fresh) if kind == "log" else fresh
    cells.X = sparse.csr_matrix(cells.X)
    model = fitted(cells.copy(), n_categories=3)
    cells = cells[:, 1:].copy() if "missing" in kind else cells
    answers = {}
    for way, share in {"dense": 0.0, "sparse": 2.0}.items():
        monkeypatch.setattr("mixvi.loading.batches.DENSE", share)
        answers[way] = cells.copy()
        model.get_cell_types(answers[way])
        model.get_type_probabilities(answers[way])
        model.get_states(answers[way])
        answers[way].obsm["latent"] = model.get_latent_representation(answers[way])
    dense, kept = answers["dense"], answers["sparse"]
    assert (dense.obs["cpl_type"] == kept.obs["cpl_type"]).all()
    for column in ("cpl_confidence", "cpl_agreement", "cpl_outlier_score"):
        np.testing.assert_allclose(kept.obs[column], dense.obs[column], rtol=1e-4, atol=1e-5)
    assert dense.obs["cpl_agreement"].nunique() > 1  # copies, the same ones, were asked about
    for key, values in dense.obsm.items():
        np.testing.assert_allclose(kept.obsm[key], values, rtol=1e-4, atol=1e-5)


def test_sparse_cells_are_moved_to_the_device_of_the_model(trained, fresh, monkeypatch):
    """Which scvi-tools does for tensors alone: on a GPU, questions about sparse cells failed."""
    fresh.X = sparse.csr_matrix(fresh.X)
    monkeypatch.setattr("mixvi.loading.batches.DENSE", 2.0)
    moved, encode = [], trained.module.encode_cells
    monkeypatch.setattr(SparseCells, "to", lambda cells, device: moved.append((device, replace(cells))) or moved[-1][1])

    def encode_moved(x, covariates):
        assert any(device == trained.module.device and x is cells for device, cells in moved)
        return encode(x, covariates)

    monkeypatch.setattr(trained.module, "encode_cells", encode_moved)
    trained.get_cell_types(fresh)
    assert moved
