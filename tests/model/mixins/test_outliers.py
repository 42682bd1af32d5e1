import numpy as np
import pytest
import torch

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states


@pytest.fixture(scope="module")
def left_out(fitted):
    """A model of three of four types, all cells, and which ones were not trained on."""
    cells = simulate_types_and_states([120, 100, 80, 60], n_genes=80, seed=1)
    known = (cells.obs["type"] != "3").to_numpy() & (np.arange(cells.n_obs) % 4 > 0)
    return fitted(cells[known].copy(), n_categories=3, max_epochs=60), cells, known


def test_a_type_that_was_left_out(left_out):
    model, cells, known = left_out
    cells = cells.copy()
    model.get_cell_types(cells)
    outlier, unknown_type = cells.obs["cpl_outlier"], cells.obs["type"] == "3"
    assert outlier.dtype == bool
    assert outlier[known].mean() == pytest.approx(0.01, abs=0.01)
    assert outlier[~known & ~unknown_type].mean() < 0.08
    assert outlier[unknown_type].mean() > 0.9
    np.testing.assert_array_equal(outlier, cells.obs["cpl_outlier_score"] > 1)


def test_saved_and_loaded(left_out, tmp_path):
    model, cells, _ = left_out
    first, second = cells.copy(), cells.copy()
    model.get_cell_types(first, key_added="mine_type")
    model.save(tmp_path / "model")
    CplMixVI.load(tmp_path / "model", adata=False).get_cell_types(second, key_added="mine_type")
    for column in ("mine_type", "mine_outlier", "mine_outlier_score"):
        assert first.obs[column].equals(second.obs[column])


def test_genes_that_were_not_measured_cannot_misfit(left_out):
    model, cells, known = left_out
    rare = model.module.projection.gene_weights().argsort()[:8].numpy()
    part = cells[known][:, np.delete(np.arange(cells.n_vars), rare)].copy()
    with pytest.warns(UserWarning, match="8 of the model's"):
        model.get_cell_types(part)
    assert part.obs["cpl_outlier"].mean() < 0.05


def test_misfit_by_hand(left_out):
    model, cells, _ = left_out
    module, x = model.module, torch.as_tensor(cells.X[:3].toarray())
    category, none = torch.tensor([0, 1, 2]), torch.zeros(3, 0)
    with torch.no_grad():
        h, _ = module.encode_cells(x, none)
        nothing = module.misfit(h, category, x, none, torch.zeros(cells.n_vars, dtype=torch.bool))
        all_genes = module.misfit(h, category, x, none, torch.ones(cells.n_vars, dtype=torch.bool))
        parts = []
        for arm in range(2):
            c = torch.eye(3)
            state = module.encoder.infer_state(h, c.expand(2, 3, 3))[0]
            hidden = module.decoder(c.expand(2, 3, 3), state, none)
            mean = module.head.log_mean(hidden, x).exp()[arm]
            parts.append(module.projection(x) - module.projection(mean))
    torch.testing.assert_close(nothing, torch.zeros_like(nothing))
    torch.testing.assert_close(all_genes, (parts[0] + parts[1]) / 2, rtol=1e-4, atol=1e-4)
