import numpy as np
import pytest
import torch

from mixvi import CplMixVI
from mixvi.datasets import load, simulate_types_and_states
from mixvi.images import to_images
from mixvi.metrics import label_preservation
from mixvi.train import AugmenterTrainingPlan

QUIET = {"enable_progress_bar": False}


def new_model(adata, **kwargs) -> CplMixVI:
    CplMixVI.setup_anndata(adata)
    return CplMixVI(adata, **{"augmenter": "vaegan", "n_categories": 3} | kwargs)


def state(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(first: dict, second: dict) -> bool:
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch):
    """Four epochs where a model chooses."""
    monkeypatch.setattr("mixvi.model.mixins.augmentation.AUGMENTER_STEPS", 1)


@pytest.fixture(scope="module")
def with_augmenter():
    """300 cells of 3 types, and a model whose augmenter alone is trained."""
    adata = simulate_types_and_states([150, 100, 50], n_genes=60)
    model = new_model(adata)
    before = state(model.module)
    model.train_augmenter(max_epochs=25, batch_size=100, **QUIET)
    return adata, model, before


def log_normalise(x: np.ndarray) -> np.ndarray:
    return np.log1p(1e4 * x / x.sum(1, keepdims=True))


def test_planted_types_are_preserved(with_augmenter):
    adata, model, _ = with_augmenter
    copies = model.augment()
    scores = label_preservation(log_normalise(adata.X.toarray()), log_normalise(copies), adata.obs["type"])
    assert scores["preserved"] >= 0.97


def test_noise_moves_in_training_and_the_arms_do_not(with_augmenter):
    _, model, before = with_augmenter
    after = model.module.state_dict()
    for name in ("augment.noise.weight", "augment.gain.weight", "augment.posterior.weight"):
        assert (after[name] - before[name]).abs().max() > 0.01
    assert all(torch.equal(after[name], before[name]) for name in before if not name.startswith("augment."))
    assert not model.is_trained_ and model.history is None


def test_copies_differ_and_fit_the_likelihood(with_augmenter):
    adata, model, _ = with_augmenter
    first, second = model.augment(n_samples=2)
    x = adata.X.toarray()
    for a, b in ((first, second), (first, x)):
        assert (a != b).any(1).all()
    assert (first >= 0).all() and (first == first.round()).all()
    np.testing.assert_array_equal(adata.layers["cpl_augmented"], first)
    np.testing.assert_array_equal(model.augment(indices=[3, 5], n_samples=2).shape, (2, 2, adata.n_vars))


def test_history_has_every_term_of_the_equation(with_augmenter):
    history = with_augmenter[1].augmenter_history_
    for name in ("adversarial_value", "log_prob", "triplet", "divergence"):
        assert len(history[name]) == 25 and np.isfinite(history[name].astype(float)).all(axis=None)
    assert history["log_prob"].iloc[-1, 0] > history["log_prob"].iloc[0, 0]


def test_stage_two_trains_the_augmenter_once_and_then_leaves_it_alone(small):
    model = new_model(small)
    model.train(max_epochs=1, start="random", **QUIET)
    assert model.module.augment.trained and model.augmenter_history_ is not None
    frozen = state(model.module.augment)
    model.train(max_epochs=2, **QUIET)
    assert same(frozen, model.module.augment.state_dict())
    assert all(parameter.grad is None for parameter in model.module.augment.parameters())
    assert not model.module.augment.training


def test_save_and_load_give_the_same_generator(small, tmp_path):
    model = new_model(small)
    model.train_augmenter(max_epochs=1, **QUIET)
    model.train(max_epochs=1, start="random", **QUIET)
    copies = model.augment()
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", small)
    assert loaded.module.augment.trained and not loaded.module.augment.noise.weight.requires_grad
    assert set(loaded.augmenter_history_) == set(model.augmenter_history_)
    np.testing.assert_array_equal(loaded.augment(), copies)


def test_the_same_seed_gives_the_same_generator():
    def run(seed: int) -> dict:
        model = new_model(simulate_types_and_states([60, 40, 20], n_genes=60), seed=seed)
        torch.rand(1)
        model.train_augmenter(max_epochs=1, **QUIET)
        return state(model.module.augment)

    assert same(run(1), run(1))
    assert not same(run(1), run(2))


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_training_that_fails_leaves_the_model_as_it_was(small, monkeypatch, error):
    model = new_model(small)
    before = state(model.module)

    def fail(*args):
        raise error

    monkeypatch.setattr(AugmenterTrainingPlan, "on_train_epoch_end", fail)
    for train in (model.train_augmenter, model.train):
        with pytest.raises((error, SystemExit)):
            train(max_epochs=2, **QUIET)
        assert same(before, model.module.state_dict())
        assert model.augmenter_history_ is None and not model.is_trained_


def test_when_the_arms_fail_the_augmenter_is_as_it_was(small):
    model = new_model(small)
    with pytest.raises(TypeError):
        model.train(max_epochs=1, start="random", plan_kwargs={"learning_rate": 1.0}, **QUIET)
    assert not model.module.augment.trained and model.augmenter_history_ is None


def test_log_normalised_values(small, log_normalised):
    adata = log_normalised(small)
    model = new_model(adata)
    model.train(max_epochs=1, start="random", **QUIET)
    copies, x = model.augment(), adata.X.toarray()
    assert (copies >= 0).all() and (copies <= x.max(0)).all()
    assert abs(copies.mean() / x.mean() - 1) < 0.25


def test_images_from_training_to_a_loaded_model(tmp_path, monkeypatch):
    monkeypatch.setattr("mixvi.model.mixins.augmentation.IMAGE_STEPS", 1)
    adata = load("digits")[:200].copy()
    model = new_model(adata)
    model.train(max_epochs=1, start="random", **QUIET)
    copies = model.augment()
    assert copies.shape == (200, 64) and (copies >= 0).all() and (copies <= adata.X.max(0)).all()
    assert to_images(copies, (8, 8)).shape == (200, 8, 8)
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata)
    np.testing.assert_array_equal(loaded.augment(), copies)
    assert loaded.get_cell_types().equals(model.get_cell_types())


@pytest.mark.parametrize("augmenter", ["thinning", "none"])
def test_augment_works_with_every_augmenter(augmenter, small):
    model = new_model(small, augmenter=augmenter)
    with pytest.raises(RuntimeError, match="untrained"):
        model.augment()
    with pytest.raises(ValueError, match="Only augmenter='vaegan'"):
        model.train_augmenter()
    model.train(max_epochs=1, start="random", **QUIET)
    assert (model.augment() <= small.X.toarray()).all()


def test_new_cells_with_other_genes_in_another_order(with_augmenter):
    adata, model, _ = with_augmenter
    fresh = simulate_types_and_states([150, 100, 50], n_genes=60)[:7, ::-1].copy()
    copies = model.augment(fresh)
    np.testing.assert_array_equal(fresh.layers["cpl_augmented"][:, ::-1], copies)
    assert copies.shape == (7, adata.n_vars)


@pytest.mark.parametrize("arguments", [{"max_epochs": 0}, {"batch_size": 0}])
def test_arguments_out_of_range(arguments, small):
    with pytest.raises(ValueError, match="must be a whole number, at least 1"):
        new_model(small).train_augmenter(**arguments)
    with pytest.raises(RuntimeError, match="untrained"):
        new_model(small).augment()
    with pytest.raises(ValueError, match="n_samples=0"):
        new_model(small).augment(n_samples=0)
