"""Labels of some cells as a sparse part of a graph."""

import numpy as np
import pandas as pd
from scipy import sparse

from mixvi.similarity.graphs import checked_graph


def label_codes(labels: pd.Series) -> np.ndarray:
    """Whole numbers for labels.

    Parameters
    ----------
    labels
        Labels, missing where a cell has none, shape ``(cells,)``.

    Returns
    -------
    Codes from 0, −1 where the label is missing.

    Examples
    --------
    >>> label_codes(pd.Series(["b", None, "a", "b"]))
    array([ 1, -1,  0,  1])
    """
    return pd.factorize(labels.to_numpy(dtype=object), sort=True)[0]


def must_links(codes: np.ndarray, n_links: int, seed: int = 0) -> sparse.csr_matrix:
    """Link every labelled cell with some of its label, drawn at random: a thin stand-in for all pairs of a label.

    Parameters
    ----------
    codes
        Labels, −1 where there is none, shape ``(cells,)``.
    n_links
        Links drawn for each labelled cell.
    seed
        Seed.

    Returns
    -------
    Symmetric, ones, zeros on the diagonal, shape ``(cells, cells)``, at most ``2 · n_links`` entries a labelled cell.

    Examples
    --------
    >>> must_links(np.array([0, -1, 0, 1]), 2).toarray()[0]
    array([0., 0., 1., 0.], dtype=float32)
    """
    rng = np.random.default_rng(seed)
    row, column = [], []
    for code in np.unique(codes[codes >= 0]):
        members = np.flatnonzero(codes == code)
        row.append(np.repeat(members, n_links))
        column.append(rng.choice(members, (len(members), n_links)).ravel())
    pairs = (np.concatenate(row), np.concatenate(column)) if row else (np.zeros(0, int), np.zeros(0, int))
    links = sparse.csr_matrix((np.ones(len(pairs[0]), np.float32), pairs), (len(codes), len(codes)))
    links.sum_duplicates()  # pairs that were drawn twice
    links.data[:] = 1
    return checked_graph(links, len(codes))


def corrected_by_labels(graph: sparse.csr_matrix, codes: np.ndarray, n_links: int, seed: int = 0) -> sparse.csr_matrix:
    """A graph without links between different labels, and with some links within labels.

    Parameters
    ----------
    graph
        Symmetric similarities, shape ``(cells, cells)``.
    codes
        Labels, −1 where there is none, shape ``(cells,)``.
    n_links
        Links drawn for each labelled cell.
    seed
        Seed.

    Returns
    -------
    Same shape; links of unlabelled cells are as they were.

    Examples
    --------
    >>> graph = sparse.csr_matrix(np.ones((3, 3), np.float32) - np.eye(3, dtype=np.float32))
    >>> corrected_by_labels(graph, np.array([0, 1, -1]), 2).toarray()
    array([[0., 0., 1.],
           [0., 0., 1.],
           [1., 1., 0.]], dtype=float32)
    """
    pairs = graph.tocoo()
    first, second = codes[pairs.row], codes[pairs.col]
    kept = (first < 0) | (second < 0) | (first == second)
    graph = sparse.csr_matrix((pairs.data[kept], (pairs.row[kept], pairs.col[kept])), graph.shape)
    return checked_graph(graph.maximum(must_links(codes, n_links, seed)), len(codes))
