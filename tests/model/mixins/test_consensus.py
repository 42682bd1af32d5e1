import numpy as np
import pytest
import torch

from mixvi import CplMixVI
from mixvi.metrics import arm_consensus
from mixvi.model.mixins.types import consensus


def test_consensus_matrix_of_the_cells_themselves(small, fitted):
    """Without copies, the arms are asked about the cells."""
    model = fitted(small, n_categories=4, max_epochs=2, augmenter="none")
    matrix = model.get_arm_consensus()
    types = torch.stack(
        [model._run(None, None, lambda _, log_q, a=a: (model._by_type(log_q)[a].argmax(-1),))[0] for a in (0, 1)]
    )
    np.testing.assert_allclose(matrix, arm_consensus(types.numpy(), len(model.type_names)))
    assert list(matrix.columns) == list(matrix.index) == model.type_names
    assert small.uns["cpl_consensus"].equals(matrix)
    model.get_cell_types()
    assert ((small.obs["cpl_agreement"] == 1).to_numpy() == (types[0] == types[1]).numpy()).all()


def test_consensus_of_copies_is_reproducible_and_of_new_cells_too(trained):
    first, again = trained.get_arm_consensus(), trained.get_arm_consensus()
    assert first.equals(again)
    assert 0 < np.diag(first).min() <= 1
    few = trained.adata[:50].copy()
    assert trained.get_arm_consensus(few).equals(few.uns["cpl_consensus"])


def test_one_arm_has_nothing_to_agree_about(small, fitted):
    model = fitted(small, n_categories=3, n_arms=1, max_epochs=1)
    assert model.temperature_ == 1
    model.get_cell_types()
    assert (small.obs["cpl_agreement"] == 1).all()
    for verb in (model.get_arm_consensus, model.prune_categories):
        with pytest.raises(ValueError, match="The model has one arm"):
            verb()


def test_probabilities_are_tempered_types_are_not(small, fitted):
    model = fitted(small, n_categories=3, max_epochs=5)
    (log_q,) = model._run(None, None, lambda _, log_q: (log_q[..., model.type_order_].permute(1, 0, 2),))
    types = model.get_cell_types().to_numpy()
    model.temperature_ = 2.5
    expected = consensus(log_q.permute(1, 0, 2) / 2.5).exp()
    np.testing.assert_allclose(model.get_type_probabilities(), expected, rtol=1e-4)
    assert (model.get_cell_types().to_numpy() == types).all()
    np.testing.assert_allclose(small.obs["cpl_confidence"], expected.amax(-1), rtol=1e-4)


def test_the_temperature_is_saved_and_loaded(small, fitted, tmp_path):
    model = fitted(small, n_categories=3, max_epochs=5)
    assert model.temperature_ != 1
    model.save(tmp_path / "model")
    assert CplMixVI.load(tmp_path / "model", small).temperature_ == model.temperature_


def test_arms_that_are_too_sure_are_tempered(small, fitted):
    """The arms' category layers are scaled up after a short training: the temperature makes up for it."""
    model = fitted(small, n_categories=6, max_epochs=6)
    before, confidence = model.temperature_, model.get_type_probabilities().max(axis=1)
    with torch.no_grad():
        for parameter in model.module.encoder.category.parameters():
            parameter.mul_(4)
    model._fit_temperature(np.arange(small.n_obs))
    assert 2 * before < model.temperature_ < 5 * before
    tempered = model.get_type_probabilities().max(axis=1)
    model.temperature_ = before
    too_sure = model.get_type_probabilities().max(axis=1)
    assert abs(tempered - confidence).mean() < abs(too_sure - confidence).mean()
