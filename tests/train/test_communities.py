import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from mixvi.similarity import umap_graph
from mixvi.train import graph_types, majority

CENTRES = np.array([[0, 0, 0, 0], [3, 0, 0, 0], [0, 3, 0, 0], [3, 3, 4, 0], [0, 0, 0, 5]], float)
SIZES = [200, 150, 120, 100, 25]


def cells(seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(5), SIZES)
    return CENTRES[labels] + 0.4 * rng.normal(size=(len(labels), 4)), labels


@pytest.mark.parametrize("merge", ["distance", "gap"])
@pytest.mark.parametrize("n_types", [5, None])
def test_rare_and_common_types_are_found(merge, n_types):
    scores, labels = cells()
    found = graph_types(umap_graph(scores), scores, merge, seed=0, n_types=n_types)
    assert adjusted_rand_score(labels, found) > 0.98
    assert found[-1] == found.max()  # the rare one has a type of its own, the smallest
    assert len(np.unique(found)) == 5


def test_so_many_cells_that_the_finest_resolution_is_reached(monkeypatch):
    monkeypatch.setattr("mixvi.train.start.CELLS_AT_ONE", 5)  # 595 cells would ask for a resolution of 119
    scores, labels = cells()
    found = graph_types(umap_graph(scores), scores, "distance", seed=0, n_types=5)
    assert adjusted_rand_score(labels, found) > 0.95


def test_communities_of_images_are_merged_by_their_links():
    scores, labels = cells()
    found = graph_types(umap_graph(scores), scores, "links", seed=0, n_types=5)
    assert adjusted_rand_score(labels, found) > 0.98


def test_no_more_types_than_allowed():
    scores, _ = cells()
    graph = umap_graph(scores)
    for merge in ("distance", "gap", "links"):
        assert graph_types(graph, scores, merge, seed=0, max_types=3).max() == 2


def test_distance_keeps_the_rare_and_far():
    """Of three types the far ones are kept, though few, and the near ones merged, though many."""
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(mean, 0.3, (n, 2)) for mean, n in ((0, 150), (2.2, 150), (9, 25))])
    found = graph_types(umap_graph(scores), scores, "distance", seed=0, n_types=2)
    assert found.tolist() == [0] * 300 + [1] * 25


def test_votes_smooth_the_border_and_settle():
    scores, labels = cells()
    graph = umap_graph(scores)
    noisy = np.where(np.random.default_rng(0).random(len(labels)) < 0.2, 0, labels)
    smooth = majority(graph, noisy, 10)
    assert (smooth == labels).mean() > 0.99 > 0.9 > (noisy == labels).mean()
    np.testing.assert_array_equal(majority(graph, smooth, 5), smooth)
