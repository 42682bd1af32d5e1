import anndata as ad
import numpy as np
import pytest

from mixvi.model.mixins import traversal


def test_curves_are_decoded_cells_averaged(trained, cells):
    curves = trained.traverse_state(cells, n_steps=5, n_cells=1000)
    result = cells.uns["cpl_traversal"]
    assert result["expression"].shape == (3, 2, 5, trained.module.projection.loadings.shape[0])
    assert len(curves) == result["expression"].size
    np.testing.assert_allclose(result["expression"].sum(-1), 1e4, rtol=1e-4)  # one library size
    kind = trained.get_cell_types(cells).to_numpy()
    for t, d in ((0, 0), (2, 1)):
        own = kind == result["types"][t]
        states = trained.get_states(cells)[own, d]
        np.testing.assert_allclose(result["state"][t, d], np.quantile(states, [0.05, 0.275, 0.5, 0.725, 0.95]))
        for step, end in ((0, "low"), (4, "high")):
            layer = cells.layers[f"cpl_state{d}_{end}"][own]
            assert layer.dtype == np.float32
            np.testing.assert_allclose(layer.mean(0), result["expression"][t, d, step], rtol=1e-4)


def test_a_cell_at_its_own_state_is_its_own_reconstruction(trained, cells):
    with trained._ready(cells) as registered:
        table = trained._cell_states(registered, arm=1)
        ((_, decoded),) = trained._decode(table, np.arange(120), table.state, 100.0)
    expected = _decode_by_hand(trained, cells, arm=1, library_size=100.0)
    np.testing.assert_allclose(decoded, expected, rtol=1e-4)


def _decode_by_hand(model, cells, arm, library_size):
    import torch
    import torch.nn.functional as F

    module, kind = model.module, model.get_cell_types(cells).cat.codes.to_numpy(np.int64, copy=True)
    state = torch.as_tensor(model.get_states(cells, arm=arm)).expand(2, -1, -1)
    c = F.one_hot(torch.as_tensor(model.type_order_)[kind], 3).float().expand(2, -1, -1)
    with torch.no_grad():
        share = module.head.log_scale(module.decoder(c, state, torch.zeros(120, 0))).exp()
    return share[arm].numpy() * library_size


def test_planted_activity_genes_change_and_others_stay(active):
    active.traverse_state(layers=False)
    adata, types = active.adata, active.get_cell_types()
    for name, summary in adata.uns["cpl_traversal"]["summary"].groupby("type", observed=True):
        true_type = int(adata.obs["type"][types == name].mode()[0])
        follows = adata.varm["slopes"][adata.var_names.get_indexer(summary["gene"]), true_type, 0] != 0
        effect = summary["effect"].abs()
        assert effect[follows].median() > 5 * effect[~follows].median()
        summary = summary[follows]
        assert summary["monotone"].mean() > 0.9
        assert (np.sign(summary["rho_observed"]) == np.sign(summary["effect"])).mean() > 0.9
    assert "cpl_state0_low" not in adata.layers


def test_genes_lead_to_their_state_however_it_is_rotated(two_states):
    """Activity genes of a state that are not among those that lead change, too; those of the other state hardly do."""
    adata, slopes = two_states.adata, two_states.adata.varm["slopes"]  # (genes, types, states)
    for state in (0, 1):
        rising, of_other = np.flatnonzero(slopes[:, 0, state] > 0), np.flatnonzero(slopes[:, 0, 1 - state])
        two_states.traverse_state(toward=list(adata.var_names[rising[:5]]), layers=False)
        result = adata.uns["cpl_traversal"]
        assert list(result["dims"]) == ["toward"]
        effect = result["summary"]["effect"].to_numpy()[: adata.n_vars]  # of the larger type
        assert (effect[rising[5:]] > 0).mean() > 0.9
        assert effect[np.flatnonzero(slopes[:, 0, state] < 0)].max() < 0.2
        assert np.median(effect[rising]) > 3 * np.median(np.abs(effect[of_other]))
        assert abs(result["state"][0, 0, 5]) < 0.3  # the middle, in standard deviations
    two_states.traverse_state(toward=list(adata.var_names[rising[:5]]), genes=list(adata.var_names[rising[5:7]]))
    layers = {name: adata.layers.pop(f"cpl_state_toward_{name}") for name in ("low", "high")}
    assert (layers["high"] > layers["low"])[:, rising[5:7]].all()


def test_values_lead_too(active_values):
    adata = active_values.adata
    follows = np.flatnonzero((adata.varm["slopes"][:, :, 0] > 0).all(1))
    active_values.traverse_state(toward=list(adata.var_names[follows[:4]]), layers=False)
    effect = adata.uns["cpl_traversal"]["summary"]["effect"].to_numpy().reshape(-1, adata.n_vars)
    assert (effect[:, follows[4:]] > 0).all()


def test_chosen_genes_and_one_dimension(trained, cells):
    genes = list(trained.genes_[[7, 2]])
    curves = trained.traverse_state(cells, dim=1, genes=genes)
    assert list(curves["gene"].cat.categories) == genes
    assert set(curves["dim"]) == {1}
    assert set(cells.layers) - {None} == {"cpl_state1_low", "cpl_state1_high"}  # None: .X, from AnnData 0.13 on
    assert np.isnan(cells.layers["cpl_state1_low"]).all(0).sum() == cells.n_vars - 2
    everything = trained.adata.copy()
    trained.traverse_state(everything, dim=1)
    np.testing.assert_allclose(
        cells.uns["cpl_traversal"]["expression"], everything.uns["cpl_traversal"]["expression"][..., [7, 2]], rtol=1e-5
    )


def test_layers_follow_the_users_own_order_of_genes(trained, cells):
    trained.traverse_state(cells, dim=0)
    unknown = cells[:, :1].copy()
    unknown.var_names = ["unknown"]
    other = ad.concat([cells[:, ::-1].copy(), unknown], axis=1)
    trained.traverse_state(other, dim=0)
    layer = other.layers["cpl_state0_high"]
    np.testing.assert_allclose(layer[:, :-1], cells.layers["cpl_state0_high"][:, ::-1], rtol=1e-4)
    assert np.isnan(layer[:, -1]).all()


def test_curves_of_labels(trained, cells):
    curves = trained.traverse_state(cells, groupby="type", layers=False)
    assert list(curves["type"].cat.categories) == ["0", "1", "2"]
    with pytest.raises(KeyError, match="groupby='none' is not a column"):
        trained.traverse_state(cells, groupby="none")


def test_large_layers_are_only_written_when_asked_for(trained, cells, monkeypatch, caplog):
    monkeypatch.setattr(traversal, "LAYER_VALUES", 1000)
    trained.traverse_state(cells)
    assert not cells.layers
    assert "layers=True writes them" in caplog.text
    trained.traverse_state(cells, layers=True)
    assert len(set(cells.layers) - {None}) == 4


def test_results_survive_a_file(trained, cells, tmp_path):
    trained.traverse_state(cells)
    trained.rank_state_genes(cells, n_permutations=5)
    trained.differential_expression(cells, n_samples_overall=50)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    back = ad.read_h5ad(tmp_path / "cells.h5ad")
    np.testing.assert_array_equal(back.layers["cpl_state1_low"], cells.layers["cpl_state1_low"])
    for key in ("cpl_state_genes", "cpl_de"):
        assert back.uns[key].astype(str).equals(cells.uns[key].astype(str))
    one, other = back.uns["cpl_traversal"], cells.uns["cpl_traversal"]
    np.testing.assert_array_equal(one["expression"], other["expression"])
    assert one["summary"].astype(str).equals(other["summary"].astype(str))
    assert list(one["genes"]) == list(other["genes"])


def test_the_same_seed_gives_the_same_curves(trained, cells):
    first = trained.traverse_state(cells, n_cells=10, layers=False)
    assert first.equals(trained.traverse_state(cells, n_cells=10, layers=False))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"dim": 2}, ValueError, "dim=2 does not exist: the state has dimensions 0 to 1"),
        ({"arm": 2}, ValueError, "arm=2 does not exist"),
        ({"n_steps": 2}, ValueError, "n_steps=2 must be a whole number, at least 3"),
        ({"n_cells": 0}, ValueError, "n_cells=0 must be a whole number, at least 1"),
        ({"library_size": 0}, ValueError, "library_size=0 must be above 0"),
        ({"genes": ["gene1", "Fos"]}, KeyError, "does not have Fos"),
        ({"toward": ["Fos"]}, KeyError, "does not have Fos"),
        ({"toward": "gene1"}, ValueError, "toward must be a list"),
        ({"toward": ["gene1"], "dim": 0}, ValueError, "dim or toward, not both"),
    ],
)
def test_bad_arguments(trained, cells, arguments, error, message):
    with pytest.raises(error, match=message):
        trained.traverse_state(cells, **arguments)
    assert not cells.layers
    assert "cpl_traversal" not in cells.uns


def test_values_that_are_not_counts(active_values):
    active_values.traverse_state(layers=False)
    result = active_values.adata.uns["cpl_traversal"]
    assert not result["params"]["counts"]
    change = result["expression"][:, :, -1] - result["expression"][:, :, 0]  # (types, dims, genes)
    np.testing.assert_allclose(result["summary"]["effect"], change.ravel(), atol=1e-5)
