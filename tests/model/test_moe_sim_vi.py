"""The model from end to end, on cells whose types are known."""

import numpy as np
import pytest
import torch
from anndata import AnnData
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from mixvi import MoESimVI
from mixvi.datasets import simulate_types_and_states
from mixvi.images import to_anndata
from mixvi.similarity import build_similarity

SMALL = {"n_hidden": 16, "encoder_widths": (32,), "gate_widths": (16,), "n_latent": 4}


def blobs(sizes=(80, 60, 40), n_markers: int = 6, seed: int = 0) -> AnnData:
    """Markers of cells of well separated types; a few are below 0, as after arcsinh."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    centres = 3.0 * (rng.random((len(sizes), n_markers)) > 0.5)
    centres[:, 0] = 4.0 * np.arange(len(sizes))
    x = centres[labels] + 0.4 * rng.normal(size=(len(labels), n_markers))
    adata = AnnData(x.astype(np.float32))
    adata.obs["type"] = labels.astype(str)
    return adata


def fit(adata: AnnData, max_epochs: int | None = 100, setup: dict | None = None, train: dict | None = None, **kwargs):
    MoESimVI.setup_anndata(adata, **(setup or {}))
    model = MoESimVI(adata, **SMALL | kwargs)
    model.train(max_epochs, enable_progress_bar=False, **(train or {}))
    return model


@pytest.fixture(scope="module")
def trained() -> MoESimVI:
    """A model of three blobs, for tests that only look."""
    return fit(blobs(), n_categories=3)


def test_blobs_are_recovered_and_their_number_found():
    adata = blobs()
    model = fit(adata, seed=1)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) == 1
    assert model.module.n_categories == len(model.type_names) == 3
    assert adata.obs["moe_confidence"].min() > 0.5
    assert "moe_agreement" not in adata.obs
    probabilities = model.get_type_probabilities()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(adata.obsm["X_moe_prob"], probabilities)
    assert model.get_latent_representation().shape == (180, 4)
    assert adata.obsp["moe_similarity"].shape == (180, 180)


@pytest.mark.parametrize("likelihood", ["nb", "zinb"])
def test_types_of_counts_are_recovered(likelihood):
    adata = simulate_types_and_states([100, 60, 40], n_genes=60)
    model = fit(adata, likelihood=likelihood, n_categories=3)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) > 0.95


def test_without_a_start_the_graph_alone_finds_the_types():
    adata = blobs()
    model = fit(adata, max_epochs=150, n_categories=3, train={"start": "random"}, apart_weight=1.0)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) > 0.4


def test_experts_that_no_cell_needs_are_cut_out():
    adata = blobs()
    adata.obs["start"] = adata.obs["type"]
    model = fit(adata, n_categories=10, train={"start": "start"})
    assert model.module.n_categories == model.module.experts.n_experts == len(model.type_names) == 3
    assert "3 types" in model._model_summary_string
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) == 1


def test_generated_cells_are_of_the_requested_type(trained):
    adata = trained.adata
    types = trained.get_cell_types()
    for category in trained.type_names:
        new = trained.generate(category, 300)
        assert new.shape == (300, 6)
        assert new.uns["moe_generation"] == {
            "category": category,
            "n": 300,
            "share_as_requested": pytest.approx(1, abs=0.03),
        }
        assert set(new.obs["moe_requested"]) == {category}
        real = adata.X[(types == category).to_numpy()]
        np.testing.assert_allclose(new.X.mean(0), real.mean(0), atol=0.5)
    noise_free, again = trained.generate("0", 50, noise=False), trained.generate("0", 50, noise=False)
    np.testing.assert_array_equal(noise_free.X, again.X)
    assert noise_free.X.std() < trained.generate("0", 50).X.std() + 1e-3
    assert not np.array_equal(noise_free.X, trained.generate("0", 50, noise=False, seed=1).X)


def test_generated_counts_are_counts():
    adata = simulate_types_and_states([60, 40], n_genes=40, n_batches=2)
    model = fit(adata, n_categories=2, setup={"batch_key": "batch"})
    new = model.generate("0", 100)
    np.testing.assert_array_equal(new.X, np.round(new.X))
    assert new.X.min() == 0 < new.X.max()
    depth = np.log(np.asarray(adata.X.sum(1)).ravel())
    assert abs(np.log(new.X.sum(1).clip(1)).mean() - depth.mean()) < 0.3


def test_imputed_values_have_less_noise(trained):
    adata = trained.adata
    imputed = trained.impute()
    np.testing.assert_array_equal(adata.layers["moe_imputed"], imputed)
    labels = adata.obs["type"].astype(int).to_numpy()
    centres = np.stack([adata.X[labels == kind].mean(0) for kind in range(3)])[labels]
    assert np.square(imputed - centres).mean() < 0.8 * np.square(adata.X - centres).mean()
    wider = adata[:, ::-1].copy()
    trained.impute(wider)
    np.testing.assert_array_equal(wider.layers["moe_imputed"][:, ::-1], imputed)


def test_save_and_load_give_the_same_answers(trained, tmp_path):
    adata = trained.adata
    trained.save(tmp_path / "model")
    loaded = MoESimVI.load(tmp_path / "model", adata)
    assert loaded.get_cell_types().to_list() == trained.get_cell_types().to_list()
    np.testing.assert_array_equal(loaded.generate("1", 20).X, trained.generate("1", 20).X)
    np.testing.assert_array_equal(loaded.impute(), trained.impute())
    assert loaded._model_summary_string == trained._model_summary_string
    alone = MoESimVI.load(tmp_path / "model", adata=False)
    assert alone.get_cell_types(blobs()).to_list() == trained.get_cell_types().to_list()
    with pytest.raises(ValueError, match="it with them to train"):
        alone.train()


def test_pruned_models_load_and_train_further(tmp_path):
    adata = blobs()
    adata.obs["start"] = adata.obs["type"]
    model = fit(adata, n_categories=8, train={"start": "start"})
    model.save(tmp_path / "model")
    loaded = MoESimVI.load(tmp_path / "model", adata)
    assert loaded.get_cell_types().to_list() == model.get_cell_types().to_list()
    loaded.train(2, enable_progress_bar=False)
    assert loaded.module.n_categories == 3


def test_new_cells_are_typed_by_the_names_of_their_genes(trained):
    new = blobs(seed=0)[:, ::-1].copy()
    assert trained.get_cell_types(new).to_list() == trained.get_cell_types().to_list()
    assert "moe_similarity" not in new.obsp


def test_the_same_seed_gives_the_same_bits():
    first, again, other = (fit(blobs(), max_epochs=3, n_categories=3, seed=seed) for seed in (2, 2, 3))
    parameters = [model.module.state_dict() for model in (first, again, other)]
    assert all(torch.equal(parameters[0][name], parameters[1][name]) for name in parameters[0])
    assert any(not torch.equal(parameters[0][name], parameters[2][name]) for name in parameters[0])


def test_a_similarity_of_the_users_own_decides():
    """Cells of two kinds that look the same are told to differ, by a marker that has no gap."""
    adata = blobs((120, 60))
    halves = adata.X[:, 3] > np.median(adata.X[:, 3])
    wanted = np.where(adata.obs["type"] == "1", 2, halves.astype(int))
    links = sparse.csr_matrix((wanted[:, None] == wanted).astype(np.float32))
    for similarity in (links, lambda _: links):
        model = fit(adata, n_categories=3, train={"similarity": similarity})
        assert adjusted_rand_score(wanted, model.get_cell_types()) > 0.8


def test_a_similarity_that_was_built_before_is_used():
    adata = blobs()
    build_similarity(adata, "knn", n_neighbors=4)
    before = adata.obsp["moe_similarity"].copy()
    fit(adata, max_epochs=1, n_categories=3)
    assert (adata.obsp["moe_similarity"] != before).nnz == 0


def test_images_train_and_generate():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 60)
    images = np.zeros((120, 8, 8))
    images[labels == 0, 2:6, 1:3] = 1
    images[labels == 1, 3:5, 2:7] = 1
    adata = to_anndata(np.clip(images + 0.1 * rng.random(images.shape), 0, 1), labels)
    model = fit(adata, 60, n_categories=2)
    assert adjusted_rand_score(labels, model.get_cell_types()) > 0.95
    new = model.generate("0", 30)
    assert new.uns["mixvi"]["image_shape"].tolist() == [8, 8]
    assert 0 <= new.X.min() <= new.X.max() <= 1
    assert new.uns["moe_generation"]["share_as_requested"] > 0.9


@pytest.mark.parametrize(
    ("train", "message"),
    [
        ({"max_epochs": 0}, "max_epochs=0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"similarity": sparse.eye(3, format="csr")}, "must be a name, a function or a sparse matrix of 180"),
        ({"similarity": "nearest"}, "no similarity 'nearest'"),
    ],
)
def test_bad_training_changes_nothing(train, message):
    adata = blobs()
    MoESimVI.setup_anndata(adata)
    model = MoESimVI(adata, n_categories=3, **SMALL)
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    with pytest.raises(ValueError, match=message):
        model.train(**{"max_epochs": 1} | train)
    assert all(torch.equal(value, model.module.state_dict()[name]) for name, value in before.items())
    assert "moe_similarity" not in adata.obsp
    assert not model.is_trained_


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"n_categories": 1}, "n_categories=1"), ({"n_latent": 0}, "n_latent=0"), ({"likelihood": "t"}, "likelihood='t'")],
)
def test_bad_arguments(arguments, message):
    adata = blobs()
    MoESimVI.setup_anndata(adata)
    with pytest.raises(ValueError, match=message):
        MoESimVI(adata, **arguments)


def test_bad_requests(trained):
    with pytest.raises(ValueError, match="category='9' is not a type"):
        trained.generate("9", 5)
    with pytest.raises(ValueError, match="n=0"):
        trained.generate("0", 0)
    adata = blobs()
    MoESimVI.setup_anndata(adata)
    with pytest.raises(RuntimeError, match="train"):
        MoESimVI(adata).generate("0", 5)


def test_a_model_whose_training_fails_is_as_it_was():
    adata = blobs()
    model = fit(adata, max_epochs=2, n_categories=3)
    types = model.get_cell_types().to_list()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    with pytest.raises(FloatingPointError):
        model.train(5, plan_kwargs={"lr": 1e30}, gradient_clip_val=None, enable_progress_bar=False)
    assert all(torch.equal(value, model.module.state_dict()[name]) for name, value in before.items())
    assert model.get_cell_types().to_list() == types
