import numpy as np
import torch
from scipy import sparse

from mixvi.datasets import simulate_types_and_states
from mixvi.metrics import state_recovery
from mixvi.nn import ExpressionProjection
from mixvi.train import StartingStates


def starting_states(adata, n_state: int = 1, counts: bool = True, batch=None) -> tuple[np.ndarray, torch.Tensor]:
    x = torch.tensor(adata.X.toarray())
    x = x if counts else (x / x.sum(1, keepdim=True) * 1000).log1p()
    labels = adata.obs["type"].astype(int).to_numpy()
    batch = torch.zeros(len(x), dtype=torch.long) if batch is None else batch
    projection = ExpressionProjection(adata.n_vars, min(20, len(x) - 1), counts=counts)
    projection.fit(x)
    start = StartingStates(projection, x, batch, labels, n_state, seed=0)
    return labels, start(x, batch, torch.as_tensor(labels))


def test_planted_states_are_found_for_counts_and_other_values():
    adata = simulate_types_and_states([300, 200, 100])
    for counts in (True, False):
        labels, states = starting_states(adata, counts=counts)
        assert state_recovery(labels, labels, adata.obsm["states"], states.numpy()) > 0.9
        torch.testing.assert_close(states.std(0), torch.ones(1), rtol=0.01, atol=0)


def test_batches_are_not_states():
    adata = simulate_types_and_states([300, 200, 100], n_batches=2, batch_effect=0.6)
    batch = torch.as_tensor(adata.obs["batch"].astype(int).to_numpy())
    labels, states = starting_states(adata, batch=batch)
    assert state_recovery(labels, labels, adata.obsm["states"], states.numpy()) > 0.85
    for kind in range(3):
        means = [states[(torch.as_tensor(labels) == kind) & (batch == b)].mean() for b in (0, 1)]
        np.testing.assert_allclose(means, 0, atol=1e-4)


def test_depth_is_not_a_state():
    adata = simulate_types_and_states([400, 300], state_effect=1e-9)
    rng = np.random.default_rng(0)
    counts = adata.X.toarray().astype(int)
    adata.X = sparse.csr_matrix(rng.binomial(counts, rng.uniform(0.2, 1, (len(counts), 1))).astype(np.float32))
    labels, states = starting_states(adata)
    for kind in (0, 1):
        depth = np.log(adata.X.toarray().sum(1))[labels == kind]
        assert abs(np.corrcoef(states[labels == kind, 0], depth)[0, 1]) < 0.25


def test_dimensions_that_cells_cannot_have_are_zero():
    adata = simulate_types_and_states([3, 3], n_genes=50)
    _, states = starting_states(adata, n_state=8)
    assert states.shape == (6, 8)
    assert states.isfinite().all()
    assert not states[:, 5:].any()
