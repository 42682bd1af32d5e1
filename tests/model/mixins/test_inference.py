import numpy as np
import pytest

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states

VERBS = ["get_cell_types", "get_type_probabilities", "get_states", "get_latent_representation"]


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
    with pytest.raises(KeyError, match="trained on layer 'counts'"):
        model.get_cell_types(new)


def test_a_view_of_the_cells(trained, fresh):
    assert len(trained.get_cell_types(fresh[10:30])) == 20
