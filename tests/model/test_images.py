"""The model on images of three kinds, and with augmenters that are saved with it."""

import copy

import numpy as np
import pytest
import torch
from anndata import AnnData
from sklearn.metrics import adjusted_rand_score

from mixvi import CplMixVI, pl
from mixvi.augment import Affine, Compose, Neighbours
from mixvi.images import to_anndata
from mixvi.nn import BernoulliHead, GaussianHead, PixelProjection


def bars_and_rings(n_images: int = 300, seed: int = 0) -> AnnData:
    """Standing bars, lying bars and rings on 14 × 14 pixels, all at random places."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(3, size=n_images)
    row, column = np.mgrid[:14, :14][:, None] - 6.5 - rng.uniform(-1.5, 1.5, (2, n_images, 1, 1))
    outside = np.select(
        [kind[:, None, None] == 0, kind[:, None, None] == 1],
        [np.maximum(np.abs(row) / 4, np.abs(column)) - 1, np.maximum(np.abs(row), np.abs(column) / 4) - 1],
        np.abs(np.hypot(row, column) - 4) - 1,
    )
    pixels = 255 / (1 + np.exp(4 * outside)) + rng.uniform(0, 20, outside.shape)
    pixels[:, :, 0] = 0  # pixels that are never used are no reason to refuse
    return to_anndata(np.clip(pixels, 0, 255).astype(np.uint8), labels=kind)


def build(adata: AnnData, **kwargs) -> CplMixVI:
    CplMixVI.setup_anndata(adata)
    return CplMixVI(adata, **{"n_categories": 3, "n_hidden": 64, "n_bottleneck": 32} | kwargs)


@pytest.fixture(scope="module")
def model() -> CplMixVI:
    model = build(bars_and_rings())
    model.train(start="random", max_epochs=60, batch_size=100, enable_progress_bar=False)
    return model


def test_kinds_of_images_are_found_from_a_random_start(model):
    assert adjusted_rand_score(model.adata.obs["label"], model.get_cell_types()) > 0.95


def test_kinds_of_images_are_found_from_their_graph():
    model = build(bars_and_rings(200))
    model.train(max_epochs=20, enable_progress_bar=False)
    assert adjusted_rand_score(model.adata.obs["label"], model.get_cell_types()) > 0.95


def test_superfluous_kinds_of_images_are_given_up_by_consensus_alone():
    model = build(bars_and_rings(), n_categories=6)
    model.train(prune=True, max_epochs=150, batch_size=100, enable_progress_bar=False)
    assert model.get_cell_types().nunique() == 3
    assert adjusted_rand_score(model.adata.obs["label"], model.get_cell_types()) > 0.95
    train_indices = model._split(1.0)[0]
    assert model._watched(train_indices)[1] is None  # no gaps are looked for
    assert model._watched(train_indices, by_gaps=True)[1].shape == (300, 14 * 14)


def test_what_is_chosen_for_images():
    model = build(bars_and_rings(), n_hidden=16)
    assert "10 state dimensions, likelihood bernoulli, augmenter affine, coupling mutual_information" in str(
        model._model_summary_string
    )
    module = model.module
    assert isinstance(module.projection, PixelProjection)
    assert isinstance(module.augment, Affine)
    assert isinstance(module.head, BernoulliHead)
    assert module.coupling.keywords["marginal_weight"] == 2
    assert module.smoothness_weight == 100
    assert module.encoder.hidden[0][0].weight.shape == (2, 196, 16)


def test_images_outside_of_zero_and_one():
    adata = bars_and_rings()
    adata.X = 3 * adata.X - 1
    assert isinstance(build(adata).module.head, GaussianHead)
    with pytest.raises(ValueError, match=r"values in \[0, 1\]"):
        build(adata, likelihood="bernoulli")


def test_pixels_may_not_be_dropped():
    with pytest.raises(ValueError, match="Keep all pixels"):
        CplMixVI.setup_anndata(bars_and_rings()[:, 20:].copy())


def test_save_and_load(model, tmp_path):
    new = bars_and_rings(50, seed=1)
    expected = model.get_type_probabilities(new)
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata=False)
    np.testing.assert_array_equal(loaded.get_type_probabilities(new), expected)
    loaded = CplMixVI.load(tmp_path / "model", adata=model.adata)
    assert loaded.module.projection.n_components == 196
    loaded.train(max_epochs=1, enable_progress_bar=False)  # copies can still be made


def test_affine_copies_of_ones_choice_are_saved_with_the_model(tmp_path):
    model = build(bars_and_rings(60), augmenter=Affine((14, 14), rotation=180, about="object"), n_hidden=16)
    model.train(start="random", max_epochs=1, enable_progress_bar=False)
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata=model.adata)
    assert vars(loaded.module.augment) == vars(model.module.augment)
    loaded.train(max_epochs=1, enable_progress_bar=False)


@pytest.mark.parametrize("augmenter", ["neighbours", "thinning+neighbours", "gene_split+neighbours"])
def test_augmenters_of_cells_train_and_are_saved(augmenter, small, log_normalised, fitted, tmp_path):
    adata = log_normalised(small) if "gene" in augmenter else small
    model = fitted(adata, n_categories=3, augmenter=augmenter, max_epochs=30)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) > 0.9
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata=adata)
    x = torch.as_tensor(np.asarray(adata.X[:9].toarray() if hasattr(adata.X, "toarray") else adata.X[:9]))
    assert isinstance(loaded.module.augment, Compose if "+" in augmenter else Neighbours)
    torch.manual_seed(0)
    copies = model.module.augment(x, 2)
    torch.manual_seed(0)
    assert torch.equal(loaded.module.augment(x, 2), copies)
    loaded.train(max_epochs=1, enable_progress_bar=False)


def test_images_are_convolved_if_wanted(tmp_path):
    adata = bars_and_rings(80)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=4, n_state=2, network="convolutional", smoothness_weight=0.0)
    model.train(max_epochs=8, batch_size=20, start="random", enable_progress_bar=False)
    loss = model.history["reconstruction_loss_train"].iloc[:, 0].astype(float)
    assert loss.iloc[-1] < 0.8 * loss.iloc[0]
    probabilities = model.get_type_probabilities()
    assert len(model.get_latent_representation()[0]) == 2 * 256
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata=adata)
    np.testing.assert_array_equal(loaded.get_type_probabilities(), probabilities)
    # categories are dropped without a change of what the others decode to
    module, s = loaded.module.eval(), torch.zeros(2, 1, 2)
    kept = torch.eye(4)[[2]].expand(2, 1, 4)
    covariates = torch.zeros(1, module.covariates.n_features)
    before = module.expected(kept, s, covariates)
    module.keep_categories(torch.tensor([0, 2]))
    after = module.expected(torch.tensor([0.0, 1.0]).expand(2, 1, 2), s, covariates)
    torch.testing.assert_close(after, before)
    with pytest.raises(ValueError, match="no new batches"):
        module.add_batches(1)


def test_a_convolution_needs_images(small):
    CplMixVI.setup_anndata(small)
    with pytest.raises(ValueError, match="is for images"):
        CplMixVI(small, network="convolutional")
    with pytest.raises(ValueError, match="'dense' or 'convolutional'"):
        build(bars_and_rings(), network="deep")


def test_the_states_of_images_are_turned_after_training(model, monkeypatch):
    turned = copy.deepcopy(model)
    swap = np.eye(10)[[3, 1, 2, 0, *range(4, 10)]]
    swap[2] *= -1
    monkeypatch.setattr("mixvi.model.mixins.states.axes_of_moves", lambda *_: (swap, [1, 4]))
    turned._conclude(np.arange(300))
    for arm in range(2):
        np.testing.assert_allclose(turned.get_states(arm=arm), model.get_states(arm=arm) @ swap.T, atol=1e-5)
        divergences = model.get_state_divergences(arm=arm)
        np.testing.assert_allclose(turned.get_state_divergences(arm=arm), np.abs(swap) @ divergences, rtol=1e-4)
    before, after = (float(m.get_reconstruction_error()["reconstruction_loss"]) for m in (model, turned))
    assert after == pytest.approx(before, abs=0.2)  # of sampled states
    np.testing.assert_allclose(turned.outlier_rule_.center, model.outlier_rule_.center, atol=1e-5)
    assert turned.outlier_rule_.limit == pytest.approx(model.outlier_rule_.limit, rel=1e-3)
    assert turned.state_axes_ == [["scaling", "shift down"]] * 2
    turned.traverse_state(n_cells=1, layers=False)
    assert turned.adata.uns["cpl_traversal"]["follows"].tolist()[:3] == ["scaling", "shift down", ""]
    assert pl.image_traversal(turned.adata)[1].get_title() == "dimension 1: shift down"


def test_leading_dimensions_are_where_an_object_is():
    rng = np.random.default_rng(0)
    place = rng.uniform(-4, 4, (400, 2, 1, 1))
    row, column = np.mgrid[:16, :16][:, None] - 7.5 - place.swapaxes(0, 1)
    spots = np.exp(-(row**2 + column**2) / 6).astype(np.float32)
    adata = to_anndata(np.where(np.arange(400)[:, None, None] % 2, spots, spots.clip(0, 0.5)))
    augmenter = Affine((16, 16), rotation=0, scaling=0, shear=0, shift=3, about="object")
    model = build(adata, augmenter=augmenter, n_state=3, n_categories=2)
    model.train(start="random", max_epochs=120, batch_size=100, enable_progress_bar=False)
    for arm in range(2):
        states, named = model.get_states(arm=arm), model.state_axes_[arm]
        assert sorted(named) == ["shift down", "shift to the right"]
        for dimension, name in enumerate(named):
            along, across = place[:, int(name == "shift to the right"), 0, 0], place[:, int(name == "shift down"), 0, 0]
            assert np.corrcoef(states[:, dimension], along)[0, 1] > 0.85
            assert abs(np.corrcoef(states[:, dimension], across)[0, 1]) < 0.3
