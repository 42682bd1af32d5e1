import numpy as np
import pandas as pd
from scipy import sparse

from mixvi.similarity.labels import corrected_by_labels, label_codes, must_links


def test_codes_of_labels_of_any_kind():
    labels = pd.Series(pd.Categorical(["b", None, "a", "b"], categories=["a", "b", "unused"]))
    assert label_codes(labels).tolist() == [1, -1, 0, 1]
    assert label_codes(pd.Series([2.0, np.nan, 1.0])).tolist() == [1, -1, 0]
    assert label_codes(pd.Series([True, False])).tolist() == [1, 0]


def test_links_stay_within_labels_and_are_few():
    codes = np.random.default_rng(0).integers(-1, 4, size=1000)
    links = must_links(codes, 5, seed=1)
    row, column = links.nonzero()
    assert (codes[row] == codes[column]).all()
    assert (codes[row] >= 0).all()
    assert links.nnz <= 2 * 5 * (codes >= 0).sum()
    assert np.diff(links.indptr)[codes >= 0].min() >= 1
    assert set(links.data) == {1}
    assert (links != must_links(codes, 5, seed=1)).nnz == 0
    assert (links != must_links(codes, 5, seed=2)).nnz > 0


def test_a_cell_alone_with_its_label_and_no_labels_at_all():
    assert must_links(np.array([0, 1, 1]), 4).toarray().tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert must_links(np.array([-1, -1]), 4).nnz == 0


def test_a_graph_is_cut_between_labels_only():
    graph = sparse.csr_matrix(np.full((4, 4), 0.25, np.float32) - 0.25 * np.eye(4, dtype=np.float32))
    corrected = corrected_by_labels(graph, np.array([0, 1, -1, 0]), 8).toarray()
    expected = np.full((4, 4), 0.25) - 0.25 * np.eye(4)
    expected[[0, 1, 1, 3], [1, 0, 3, 1]] = 0
    expected[[0, 3], [3, 0]] = 1
    np.testing.assert_allclose(corrected, expected)
    assert graph.nnz == 12
