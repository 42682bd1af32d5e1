import tracemalloc

import numpy as np
import pynndescent
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from umap.umap_ import fuzzy_simplicial_set

from mixvi.augment import Affine
from mixvi.similarity import affine_graph, graphs, knn_graph, threshold_graph, umap_graph
from mixvi.similarity.graphs import checked_graph

X = np.random.default_rng(0).normal(size=(70, 3)).astype(np.float32)


def assert_is_similarity(graph: sparse.csr_matrix, n_cells: int) -> None:
    assert graph.format == "csr"
    assert graph.shape == (n_cells, n_cells)
    assert graph.dtype == np.float32
    assert abs(graph - graph.T).max() == 0
    assert not graph.diagonal().any()
    assert graph.data.min() > 0
    assert graph.data.max() <= 1


def test_neighbours_are_the_nearest_others_in_either_direction():
    distance = cdist(X, X)
    np.fill_diagonal(distance, np.inf)
    nearest = distance <= np.sort(distance, axis=1)[:, [4]]  # five
    graph = knn_graph(X, 5)
    assert_is_similarity(graph, 70)
    np.testing.assert_array_equal(graph.toarray(), nearest | nearest.T)


def test_the_umap_graph_is_that_of_umap():
    graph = umap_graph(X, 6)
    distance = cdist(X, X)
    index = np.argsort(distance, axis=1)[:, :7]  # umap counts the cell itself
    theirs = fuzzy_simplicial_set(
        X, 7, 0, "euclidean", knn_indices=index, knn_dists=np.take_along_axis(distance, index, 1).astype(np.float32)
    )[0]
    assert_is_similarity(graph, 70)
    np.testing.assert_allclose(graph.toarray(), theirs.toarray(), atol=1e-4)


def test_many_cells_with_many_features_are_left_to_nearest_neighbour_descent(monkeypatch):
    x = np.random.default_rng(1).normal(size=(60, 20)).astype(np.float32)
    exact = knn_graph(x, 6), umap_graph(x, 6)
    asked = []

    class Descent:
        def __init__(self, data, n_neighbors, random_state):
            asked.append((data.shape, n_neighbors, random_state))
            distance = cdist(data, data)
            index = np.argsort(distance, axis=1)[:, :n_neighbors]
            self.neighbor_graph = index, np.take_along_axis(distance, index, 1)

    monkeypatch.setattr(pynndescent, "NNDescent", Descent)  # itself takes half a minute to compile
    monkeypatch.setattr(graphs, "EXACT", 50)
    assert (knn_graph(x, 6, seed=4) != exact[0]).nnz == 0
    np.testing.assert_allclose(umap_graph(x, 6, seed=4).toarray(), exact[1].toarray(), atol=1e-4)
    assert asked == [((60, 20), 7, 4)] * 2


def test_equal_cells_are_neighbours_and_none_is_its_own():
    x = np.repeat(np.eye(4, dtype=np.float32), 20, axis=0)
    for graph in (knn_graph(x, 5), umap_graph(x, 5)):
        assert_is_similarity(graph, 80)
        row, column = graph.nonzero()
        assert (row // 20 == column // 20).all()
        assert np.diff(graph.indptr).min() >= 5


def test_within_a_distance():
    graph = threshold_graph(X, 0.7)
    near = cdist(X, X) <= 0.7
    np.fill_diagonal(near, False)
    assert_is_similarity(graph, 70)
    np.testing.assert_array_equal(graph.toarray(), near)


def test_distances_that_link_nothing_or_too_much_are_refused():
    with pytest.raises(ValueError, match="No two cells are within threshold=1e-06"):
        threshold_graph(X, 1e-6)
    with pytest.raises(ValueError, match="more than 500 others"):
        threshold_graph(np.tile(X, (12, 1)), 100)


def test_few_cells_have_fewer_neighbours():
    np.testing.assert_array_equal(knn_graph(X[:4], 15).toarray(), 1 - np.eye(4))


def test_images_that_were_moved_stay_neighbours():
    import torch

    torch.manual_seed(0)
    patterns = torch.nn.functional.interpolate(torch.rand(3, 1, 4, 4), size=(12, 12), mode="bilinear").flatten(1)
    moved = Affine((12, 12), rotation=10, scaling=0.05, shear=5, shift=0.5)(patterns, 20).flatten(0, 1).numpy()
    pattern = np.tile(np.arange(3), 20)
    graph = affine_graph(moved, (12, 12), 5)
    assert_is_similarity(graph, 60)
    row, column = graph.nonzero()
    assert (pattern[row] == pattern[column]).mean() > 0.95
    assert (affine_graph(sparse.csr_matrix(moved), (12, 12), 5) != graph).nnz == 0


@pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.coo_matrix])
def test_any_matrix_is_brought_into_form(as_given):
    given = np.array([[1, 0.2, 0], [0.6, 1, 0], [0, 1, 0.5]])
    graph = checked_graph(as_given(given), 3)
    assert_is_similarity(graph, 3)
    np.testing.assert_allclose(graph.toarray(), [[0, 0.6, 0], [0.6, 0, 1], [0, 1, 0]])
    assert given[0, 0] == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.eye(2), r"must have shape \(3, 3\)"),
        (-np.eye(3), "from -1 to"),
        (2 * np.eye(3), "to 2. Distances"),
        (np.full((3, 3), np.nan), r"must be in \[0, 1\]"),
    ],
)
def test_what_is_no_similarity_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        checked_graph(wrong, 3)


def test_memory_grows_with_the_number_of_cells(monkeypatch):
    peaks, links = [], []
    for n_cells in (2000, 4000):
        x = np.random.default_rng(1).uniform(0, np.sqrt(n_cells), size=(n_cells, 2)).astype(np.float32)
        tracemalloc.start()
        links.append(threshold_graph(x, 2.0).nnz)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert 1.7 < links[1] / links[0] < 2.3
    assert peaks[1] / peaks[0] < 2.5
