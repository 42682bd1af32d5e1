import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from mixvi.datasets import simulate_types_and_states
from mixvi.train import split_rare_types


def split(adata, labels, batch=None, **kwargs) -> np.ndarray:
    batch = np.zeros(adata.n_obs, dtype=int) if batch is None else batch
    return split_rare_types(torch.tensor(adata.X.toarray()), labels, batch, counts=True, seed=0, **kwargs)


def test_a_rare_type_hidden_in_a_large_one_is_split_off():
    adata = simulate_types_and_states([300, 200, 12])
    hidden = np.minimum(adata.obs["type"].astype(int).to_numpy(), 1)
    found = split(adata, hidden)
    assert adjusted_rand_score(adata.obs["type"], found) > 0.99
    np.testing.assert_array_equal(np.sort(np.bincount(found))[::-1], np.bincount(found))


def test_a_strong_state_is_not_split():
    adata = simulate_types_and_states([300, 200], state_effect=1.0)
    labels = adata.obs["type"].astype(int).to_numpy()
    np.testing.assert_array_equal(split(adata, labels), labels)


def test_batches_of_one_type_are_not_split():
    adata = simulate_types_and_states([300, 200], n_batches=2, batch_effect=0.5)
    labels = adata.obs["type"].astype(int).to_numpy()
    found = split(adata, labels, adata.obs["batch"].astype(int).to_numpy())
    np.testing.assert_array_equal(found, labels)


def test_there_are_never_more_types_than_allowed():
    adata = simulate_types_and_states([200, 40, 40, 40])
    one = np.zeros(adata.n_obs, dtype=int)
    assert split(adata, one).max() == 3
    assert split(adata, one, max_types=2).max() == 1
    assert split(adata, one, max_types=1).max() == 0


def test_few_or_constant_cells_stay_together():
    adata = simulate_types_and_states([20])
    assert split(adata, np.zeros(20, dtype=int)).max() == 0
    constant = split_rare_types(torch.ones(50, 6), np.zeros(50, dtype=int), np.zeros(50), counts=True, seed=0)
    assert constant.max() == 0
