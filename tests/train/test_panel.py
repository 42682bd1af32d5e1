import numpy as np
from sklearn.metrics import adjusted_rand_score

from mixvi.train import panel_types

CENTRES = np.array([[0, 0, 0, 0], [3, 0, 0, 0], [0, 3, 0, 0], [3, 3, 4, 0], [0, 0, 0, 5]], float)
SIZES = [200, 150, 120, 100, 25]


def cells(seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(5), SIZES)
    return CENTRES[labels] + 0.4 * rng.normal(size=(len(labels), 4)), labels


def test_rare_and_common_types_are_found():
    scores, labels = cells()
    for n_types in (5, None):
        found = panel_types(scores, np.zeros(len(scores), int), seed=0, n_types=n_types)
        assert adjusted_rand_score(labels, found) > 0.98
        assert found[-1] == found.max()  # the rare one has a type of its own, the smallest
        assert len(np.unique(found)) == 5


def test_shifted_batches_are_aligned():
    scores, labels = cells()
    batch = np.arange(len(scores)) % 2
    found = panel_types(scores + 0.8 * batch[:, None], batch, seed=0, n_types=5)
    assert adjusted_rand_score(labels, found) > 0.95


def test_no_more_types_than_allowed():
    scores, _ = cells()
    assert panel_types(scores, np.zeros(len(scores), int), seed=0, max_types=3).max() == 2
