import pytest
import torch

from mixvi import CplMixVI


def weights(model) -> list[torch.Tensor]:
    return [p.detach().clone() for p in model.module.parameters()]


def moved(before, after) -> bool:
    return any(not torch.equal(a, b) for a, b in zip(before, after, strict=True))


class ModeProbe:
    """An augmenter that counts its calls: one for each training step, and one to calibrate after a training."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x, n_arms):
        self.calls += 1
        return x.expand(n_arms, -1, -1)


def test_training_again_really_trains(small, fitted):
    probe = ModeProbe()
    model = fitted(small, n_categories=3, augmenter=probe)
    first, calls = weights(model), probe.calls
    model.train(max_epochs=2, enable_progress_bar=False)
    assert moved(first, weights(model))
    assert probe.calls > calls + 1, "the second training ran in evaluation mode"
    assert not model.module.training
    assert len(model.history["agreement_train"]) == 5
    with pytest.raises(ValueError, match="this one is trained"):
        model.train(max_epochs=1, start="auto")


def test_training_after_load_really_trains(small, fitted, tmp_path):
    model = fitted(small, n_categories=3)
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", small)
    probe = loaded.module.augment = ModeProbe()
    before = weights(loaded)
    loaded.train(max_epochs=1, enable_progress_bar=False)
    assert moved(before, weights(loaded))
    assert probe.calls > 1


def start_weights(adata, **kwargs) -> list[float]:
    """Weights of the starting types at every step of a training."""
    seen = []

    class Plan(CplMixVI._training_plan_cls):
        def current_start_weight(self):
            seen.append(super().current_start_weight())
            return seen[-1]

    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=3)
    model._training_plan_cls = Plan
    model.train(enable_progress_bar=False, max_epochs=2, batch_size=60, **kwargs)
    return seen


def test_the_start_is_let_go_linearly(small):
    """Two epochs of two steps each."""
    assert start_weights(small, plan_kwargs={"start_weight": 8.0, "start_share": 0.5}) == [8.0, 4.0, 0.0, 0.0]


def test_the_learning_rate_falls_linearly_at_the_end(small):
    """Two epochs of two steps each, the last three of which are slower and slower."""
    rates = []

    class Plan(CplMixVI._training_plan_cls):
        def on_train_batch_start(self, batch, batch_idx):
            super().on_train_batch_start(batch, batch_idx)
            rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])

    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=3)
    model._training_plan_cls = Plan
    plan_kwargs = {"lr": 6e-3, "decay_share": 0.75}
    model.train(enable_progress_bar=False, max_epochs=2, batch_size=60, plan_kwargs=plan_kwargs)
    assert rates == pytest.approx([6e-3, 6e-3, 4e-3, 2e-3])


def test_a_random_start_has_no_pull(small):
    assert start_weights(small, start="random") == [0.0] * 4


def test_start_from_a_column(small):
    small.obs["half"] = ["a", "b"] * 60
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small)
    model.train(max_epochs=1, start="half", enable_progress_bar=False)
    assert model.module.n_categories == 2


def test_a_lost_loss_stops_with_a_reason_and_keeps_the_model(small, fitted):
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=3)
    with pytest.raises(FloatingPointError, match="smaller rate"):
        model.train(max_epochs=40, plan_kwargs={"lr": 1e3}, enable_progress_bar=False)
    assert not model.is_trained_
    model.train(max_epochs=3, enable_progress_bar=False)
    before = model.get_type_probabilities()
    with pytest.raises(FloatingPointError, match="as it was before"):
        model.train(max_epochs=40, plan_kwargs={"lr": 1e3}, enable_progress_bar=False)
    assert model.get_type_probabilities().equals(before)


@pytest.mark.parametrize(("n_cells", "batch_size", "n_steps"), [(120, 64, 2), (65, 64, 1), (60, 64, 1)])
def test_a_small_remainder_is_left_for_another_epoch(n_cells, batch_size, n_steps, small):
    small = small[:n_cells].copy()
    small = small[:, (small.X > 0).sum(0).A1 > 0].copy()
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=3)
    model.train(max_epochs=1, batch_size=batch_size, enable_progress_bar=False)
    assert model.trainer.global_step == n_steps


def test_early_stopping_keeps_cells_for_validation(small):
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=3)
    model.train(max_epochs=2, early_stopping=True, enable_progress_bar=False)
    assert len(model.validation_indices) == 12
    assert "elbo_validation" in model.history
