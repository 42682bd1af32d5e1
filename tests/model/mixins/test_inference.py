import numpy as np
import pytest

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states

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


def test_missing_genes(trained, fresh):
    with pytest.raises(ValueError, match="2 of the model's .* genes are missing from adata: gene0, gene1"):
        trained.get_cell_types(fresh[:, 2:].copy())


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
    assert set(fresh.obs) - keys[0] == {"cpl_type", "cpl_confidence", "cpl_agreement"}
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
    new.obs["batch"] = "another"
    keys = set(new.obs)
    with pytest.raises(ValueError, match="'batch'.* has another, which the model has not seen. It knows 0, 1"):
        model.get_cell_types(new)
    del new.obs["age"]
    with pytest.raises(KeyError, match="'age' is not a column"):
        model.get_cell_types(new)
    assert set(new.obs) == keys - {"age"}


def test_backed_new_cells(trained, fresh, tmp_path):
    import anndata as ad

    fresh[:, ::-1].copy().write_h5ad(tmp_path / "cells.h5ad")
    backed = ad.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    assert trained.get_cell_types(backed).to_list() == trained.get_cell_types().to_list()
    backed.file.close()
