import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mixvi.similarity import Similarity

# 0 - 1 - 2 in a row (weights 0.5 and 1), 3 - 4 linked, 5 alone
WEIGHTS = np.zeros((6, 6), np.float32)
for i, j, weight in ((0, 1, 0.5), (1, 2, 1), (3, 4, 1)):
    WEIGHTS[i, j] = WEIGHTS[j, i] = weight
GRAPH = sparse.csr_matrix(WEIGHTS)


def test_a_batch_by_hand():
    batch = Similarity(GRAPH).batch(np.array([2, 0, 3, 5]))  # 2 and 0 share cell 1, which is not in the batch
    assert batch.target.dtype == torch.float32
    assert batch.target.tolist() == [[0.0] * 4] * 4
    assert batch.informative.tolist() == [
        [False, False, True, False],
        [False, False, True, False],
        [True, True, False, False],
        [False, False, False, False],
    ]


def test_links_tell_even_where_neighbours_are_shared():
    triangle = sparse.csr_matrix(np.ones((3, 3), np.float32) - np.eye(3, dtype=np.float32))
    batch = Similarity(triangle).batch([0, 1, 2])
    assert batch.target.tolist() == triangle.toarray().tolist()
    assert batch.informative.tolist() == (~np.eye(3, dtype=bool)).tolist()


def test_labels_overrule_the_graph():
    labels = np.array([0, 1, -1, 0, -1, 1])
    batch = Similarity(GRAPH, labels).batch(torch.arange(6))
    target, informative = batch.target.numpy(), batch.informative.numpy()
    assert target[0, 1] == 0  # linked, but of different labels
    assert target[0, 3] == 1  # not linked, but of the same label
    assert target[1, 5] == 1  # although 5 has no links
    assert target[1, 2] == 1  # 2 is not labelled: the graph counts
    assert informative[0, 1]
    assert informative[1, 5]
    assert not informative[0, 2]
    assert not informative[5, 2]
    np.testing.assert_array_equal(target, target.T)
    np.testing.assert_array_equal(informative, informative.T)
    assert not informative.diagonal().any()


def test_labels_alone():
    labels = np.array([0, 0, -1, 1])
    batch = Similarity(sparse.csr_matrix((4, 4), dtype=np.float32), labels).batch([0, 1, 2, 3])
    known = np.array([True, True, False, True])
    np.testing.assert_array_equal(batch.informative, np.outer(known, known) & ~np.eye(4, dtype=bool))
    assert batch.target.nonzero().tolist() == [[0, 1], [1, 0]]


def test_a_cell_twice_is_no_pair():
    batch = Similarity(GRAPH, np.zeros(6, int)).batch([1, 1, 2])
    assert batch.informative.tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    assert batch.target[0, 1] == 0


def test_a_subset_is_as_if_the_others_were_not():
    some = Similarity(GRAPH, np.array([0, 1, -1, 0, -1, 1])).subset(np.array([4, 3, 0]))
    assert some.n_cells == 3
    assert some.graph.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert some.labels.tolist() == [-1, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 20), st.integers(0, 20))
def test_batches_are_what_the_whole_matrix_says(seed, n_cells, size):
    rng = np.random.default_rng(seed)
    weights = np.triu(rng.random((n_cells, n_cells)) * (rng.random((n_cells, n_cells)) < 0.2), 1).astype(np.float32)
    weights += weights.T
    linked, shared = weights.any(1), (weights @ weights) > 0
    informative = (weights > 0) | (np.outer(linked, linked) & ~shared)
    np.fill_diagonal(informative, False)
    cells = rng.permutation(n_cells)[:size]
    batch = Similarity(sparse.csr_matrix(weights)).batch(cells)
    np.testing.assert_array_equal(batch.target, weights[np.ix_(cells, cells)])
    np.testing.assert_array_equal(batch.informative, informative[np.ix_(cells, cells)])


@pytest.mark.parametrize("n_cells", [300_000])
def test_a_batch_costs_no_more_for_more_cells(n_cells):
    import tracemalloc

    ring = sparse.diags([np.ones(n_cells - 1, np.float32)], [1], format="csr")
    similarity = Similarity(sparse.csr_matrix(ring + ring.T), np.arange(n_cells) % 3 - 1)
    cells = np.random.default_rng(0).integers(n_cells, size=64)
    tracemalloc.start()
    similarity.batch(cells)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n_cells  # less than a byte for each cell
