import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from mixvi.datasets import simulate_types_and_states
from mixvi.nn import ExpressionProjection
from mixvi.train import StartingTypes, align_batches, medoid, quick_types


def projected(adata, seed: int = 0) -> tuple[ExpressionProjection, torch.Tensor]:
    x = torch.tensor(adata.X.toarray())
    projection = ExpressionProjection(adata.n_vars, 20, counts=True)
    projection.fit(x, seed)
    return projection, x


def test_planted_types_are_found_not_their_states():
    adata = simulate_types_and_states([200, 100, 50, 30])
    projection, x = projected(adata)
    labels = quick_types(projection(x).numpy(), np.zeros(380), seed=0)
    assert adjusted_rand_score(adata.obs["type"], labels) > 0.99
    assert (np.diff(np.bincount(labels)) <= 0).all()


@pytest.mark.parametrize("shift", [0.0, 3.0])
@pytest.mark.parametrize("seed", [0, 1])
def test_batches_of_unequal_composition_are_not_types(shift, seed):
    adata = simulate_types_and_states([300, 200, 100], seed=seed)
    in_first = np.array([0.95, 0.5, 0.05])[adata.obs["type"].astype(int)]
    batch = (np.random.default_rng(seed).random(600) > in_first).astype(int)
    projection, x = projected(adata)
    scores = projection(x).numpy()
    scores = scores + shift * batch[:, None] * np.random.default_rng(seed).choice([-1, 1], scores.shape[1]) / 2
    labels = quick_types(scores, batch, seed=0)
    assert adjusted_rand_score(adata.obs["type"], labels) > 0.95


def test_alignment_undoes_a_shift_of_a_batch():
    rng = np.random.default_rng(0)
    cells = rng.normal(size=(300, 4)) + 10 * rng.integers(2, size=(300, 1))
    batch = np.repeat([0, 1], [200, 100])
    shifted = cells + batch[:, None] * np.array([1.5, -1, 0, 2])
    aligned = align_batches(shifted, batch)
    np.testing.assert_array_equal(aligned[:200], cells[:200])
    np.testing.assert_allclose((aligned - cells)[200:].mean(0), 0, atol=0.4)
    np.testing.assert_allclose(aligned[200:], cells[200:], atol=1.5)


def test_types_that_shift_differently_are_aligned():
    """Two far types, of which a treatment moves the second one only: most of that is undone, and the first stays."""
    rng = np.random.default_rng(0)
    kind, batch = rng.integers(2, size=1200), rng.integers(2, size=1200)
    shifted = rng.normal(size=(1200, 4)) + 20 * kind[:, None] + 3 * (kind * batch)[:, None]
    aligned = align_batches(shifted, batch)
    for k, largest in ((0, 0.3), (1, 1.5)):
        between = aligned[(kind == k) & (batch == 1)].mean(0) - aligned[(kind == k) & (batch == 0)].mean(0)
        assert np.abs(between).max() < largest


def test_the_most_typical_partition_is_taken():
    """Two of four agree up to names; the others cut elsewhere."""
    typical = np.repeat([0, 1, 2], 20)
    odd, finer = np.tile([0, 1], 30), np.repeat(np.arange(6), 10)
    assert medoid([odd, typical, finer, 2 - typical]) is typical
    assert medoid([finer]) is finer


def test_a_number_of_types_may_be_demanded():
    projection, x = projected(simulate_types_and_states([100, 60]))
    for wanted in (2, 5, 30):
        assert len(np.unique(quick_types(projection(x).numpy(), np.zeros(160), seed=0, n_types=wanted))) == wanted


def test_the_classifier_extends_the_partition_to_new_cells():
    adata = simulate_types_and_states([200, 100, 50])
    projection, x = projected(adata)
    known = np.arange(350) % 2 == 0
    truth = adata.obs["type"].astype(int).to_numpy()
    for n_types in (2, 3):
        types = np.minimum(truth, n_types - 1)
        batch = torch.zeros(350)
        start = StartingTypes(projection, x[known], batch[known], types[known])
        assert (start(x[~known], batch[~known]).numpy() == types[~known]).mean() > 0.99
