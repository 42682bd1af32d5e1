import numpy as np
import torch
from sklearn.metrics import adjusted_rand_score

from mixvi.datasets import simulate_types_and_states
from mixvi.nn import ExpressionProjection
from mixvi.train import StartingTypes, quick_types


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


def test_batches_are_not_types():
    adata = simulate_types_and_states([200, 100], n_batches=2)
    projection, x = projected(adata)
    scores = projection(x).numpy() + 5 * (adata.obs["batch"].to_numpy() == "1")[:, None]
    labels = quick_types(scores, adata.obs["batch"].to_numpy(), seed=0)
    assert adjusted_rand_score(adata.obs["type"], labels) > 0.99


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
        start = StartingTypes(projection, x[known], types[known])
        assert (start(x[~known]).numpy() == types[~known]).mean() > 0.99
