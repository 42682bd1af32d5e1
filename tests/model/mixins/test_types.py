import numpy as np
import pytest
import torch

from mixvi import CplMixVI
from mixvi.model.mixins.types import consensus


def test_consensus_by_hand():
    q = torch.tensor([[[0.8, 0.2]], [[0.5, 0.5]]])  # two arms, one cell
    expected = torch.tensor([[0.4**0.5, 0.1**0.5]])
    torch.testing.assert_close(consensus(q.log()).exp(), expected / expected.sum())


def test_columns_and_their_meaning(trained):
    adata = trained.adata
    types = trained.get_cell_types()
    assert types.equals(adata.obs["cpl_type"])
    assert types.value_counts().index.to_list() == ["0", "1", "2"]  # by size
    probability = trained.get_type_probabilities()
    np.testing.assert_allclose(probability.sum(1), 1, rtol=1e-5)
    assert (probability.idxmax(axis=1) == types.astype(str)).all()
    np.testing.assert_allclose(probability.max(axis=1), adata.obs["cpl_confidence"], rtol=1e-5)
    np.testing.assert_array_equal(adata.obsm["X_cpl_prob"], probability)
    votes = 6 * adata.obs["cpl_agreement"]  # of two arms, on the cell and on two copies each
    np.testing.assert_allclose(votes, votes.round(), atol=1e-5)
    assert votes.between(0, 6).all()


def test_labels_do_not_depend_on_order_or_batch_size(trained):
    types, probability = trained.get_cell_types(), trained.get_type_probabilities()
    shuffled = trained.adata[np.random.default_rng(0).permutation(120)].copy()
    again = trained.get_cell_types(shuffled)
    assert again.equals(types[shuffled.obs_names].astype(again.dtype))
    for batch_size in (1, 7, 1000):
        np.testing.assert_allclose(trained.get_type_probabilities(batch_size=batch_size), probability, atol=1e-5)


def test_own_column_and_unassigned_cells(trained):
    types = trained.get_cell_types(key_added="mine", min_confidence=1.0)
    adata = trained.adata
    assert {"mine", "mine_confidence", "mine_agreement"} <= set(adata.obs)
    unsure = adata.obs["mine_confidence"] < 1
    assert unsure.any()
    assert (types[unsure] == "unassigned").all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        trained.get_cell_types(min_confidence=1.5)


def test_categories_without_cells_are_not_reported(small, fitted):
    small.obs["three"] = small.obs["type"]
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=20)
    model.train(max_epochs=60, start="three", enable_progress_bar=False)
    types, probability = model.get_cell_types(), model.get_type_probabilities()
    assert types.nunique() < 20
    assert list(types.cat.categories) == model.type_names == list(probability.columns)
    np.testing.assert_allclose(probability.sum(1), 1, rtol=1e-5)


def test_types_without_outliers(trained, small):
    kinds = trained.get_cell_types(small)
    scored = small.copy()
    del small.obs["cpl_outlier"], small.obs["cpl_outlier_score"]
    assert trained.get_cell_types(small, outliers=False).equals(kinds)
    assert not any("outlier" in column for column in small.obs)
    assert small.obs.equals(scored.obs[small.obs.columns])
