"""Sparse graphs of similar cells; the memory of each grows with the number of cells, not with its square."""

import numpy as np
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from mixvi.arguments import check_above, check_whole
from mixvi.similarity.affine import AffineNeighbours

N_NEIGHBORS = 15
EXACT = 8192  # cells at most whose neighbours are found by comparing all
FEW = 15  # features at most, for which scikit-learn searches a tree
MOST_LINKS = 500  # of a cell on average, under a threshold
CHUNK = 1000  # cells whose distances are looked up at once
ROUNDING = 1e-6


def knn_graph(x: np.ndarray, n_neighbors: int = N_NEIGHBORS, seed: int = 0) -> sparse.csr_matrix:
    """Cells that are among each other's nearest: 1 where either is one of the other's ``n_neighbors`` nearest.

    Neighbours are exact for up to 8,192 cells or 15 features, and approximate (nearest neighbour descent) otherwise.

    Parameters
    ----------
    x
        Cells, shape ``(cells, features)``.
    n_neighbors
        Nearest other cells of each cell.
    seed
        Seed of the approximate search.

    Returns
    -------
    Symmetric, zeros on the diagonal, shape ``(cells, cells)``.

    Examples
    --------
    >>> knn_graph(np.array([[0.0], [1.0], [3.0]]), 1).toarray()
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """
    index, _ = _nearest(x, n_neighbors, seed)
    starts = np.arange(0, index.size + 1, index.shape[1])
    linked = sparse.csr_matrix((np.ones(index.size, np.float32), index.ravel(), starts), (len(index), len(index)))
    return checked_graph(linked, len(index))


def umap_graph(x: np.ndarray, n_neighbors: int = N_NEIGHBORS, seed: int = 0) -> sparse.csr_matrix:
    """UMAP's fuzzy graph (McInnes et al. 2018): the strength with which two cells are neighbours, in [0, 1].

    It is the graph that UMAP would embed, not a graph of its embedding.

    Parameters
    ----------
    x
        Cells, shape ``(cells, features)``.
    n_neighbors
        Nearest other cells of each cell.
    seed
        Seed of the approximate search.

    Returns
    -------
    Symmetric, zeros on the diagonal, shape ``(cells, cells)``.

    Examples
    --------
    >>> graph = umap_graph(np.random.default_rng(0).normal(size=(50, 3)), 5)
    >>> bool(((graph.data > 0) & (graph.data <= 1)).all())
    True
    """
    return _fuzzy_graph(x, *_nearest(x, n_neighbors, seed))


def affine_graph(
    x: np.ndarray, image_shape: tuple[int, ...], n_neighbors: int = N_NEIGHBORS, seed: int = 0
) -> sparse.csr_matrix:
    """UMAP's fuzzy graph of images, where small turns, stretches, slants and shifts do not count.

    Time grows with the square of the number of images, memory does not.

    Parameters
    ----------
    x
        Images, shape ``(images, pixels)``.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    n_neighbors
        Nearest other images of each image.
    seed
        Seed of the copies that are compared.

    Returns
    -------
    Symmetric, zeros on the diagonal, shape ``(images, images)``.

    Examples
    --------
    >>> affine_graph(np.random.default_rng(0).random((20, 16)), (4, 4), 3).shape
    (20, 20)
    """
    check_whole(n_neighbors=n_neighbors)
    _check_values(x)
    x = np.asarray(x.toarray() if sparse.issparse(x) else x, np.float32)
    if image_shape is None or x.shape[1] != np.prod(image_shape):
        raise ValueError(f"image_shape={image_shape} is not that of images of {x.shape[1]} pixels.")
    nearest = AffineNeighbours(image_shape, n_neighbors, seed).fit_transform(x)
    index, distance = (values.reshape(len(x), -1) for values in (nearest.indices, nearest.data))
    return _fuzzy_graph(x, *_with_itself(index, distance))


def threshold_graph(x: np.ndarray, threshold: float) -> sparse.csr_matrix:
    """Cells that are close: 1 where the Euclidean distance is at most ``threshold``.

    Parameters
    ----------
    x
        Cells, shape ``(cells, features)``.
    threshold
        Largest distance, in units of ``x``.

    Returns
    -------
    Symmetric, zeros on the diagonal, shape ``(cells, cells)``.

    Raises
    ------
    ValueError
        If no two cells, or too many pairs of cells (500 for a cell on average), are that close.

    Examples
    --------
    >>> threshold_graph(np.array([[0.0], [1.0], [3.0]]), 1.5).toarray()
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    check_above(0, threshold=threshold)
    _check_values(x)
    n_cells = x.shape[0]
    search = NearestNeighbors(radius=threshold).fit(x)
    rows, n_links = [], 0
    for first in range(0, n_cells, CHUNK):
        rows.append(search.radius_neighbors_graph(x[first : first + CHUNK]).astype(np.float32))
        n_links += rows[-1].nnz - rows[-1].shape[0]
        if n_links > MOST_LINKS * n_cells:
            raise ValueError(
                f"threshold={threshold:g} links cells to more than {MOST_LINKS} others on average. "
                "Choose a smaller one, or a number of neighbours (kind='knn')."
            )
    if n_links == 0:
        raise ValueError(f"No two cells are within threshold={threshold:g} of each other. Choose a larger one.")
    return checked_graph(sparse.vstack(rows, format="csr"), n_cells)


def checked_graph(graph: sparse.spmatrix | np.ndarray, n_cells: int) -> sparse.csr_matrix:
    """A graph of similar cells in the form that all of this package relies on.

    Parameters
    ----------
    graph
        Similarities in [0, 1], shape ``(cells, cells)``; it is not changed.
    n_cells
        Number of cells.

    Returns
    -------
    Compressed rows, single precision, sorted, without stored zeros; the diagonal is 0, and of the two similarities of
    a pair the larger counts.

    Raises
    ------
    ValueError
        If the shape or the values are not those of similarities.

    Examples
    --------
    >>> checked_graph(np.array([[1.0, 0.5], [0.0, 1.0]]), 2).toarray()
    array([[0. , 0.5],
           [0.5, 0. ]], dtype=float32)
    """
    if getattr(graph, "shape", None) is None:
        raise TypeError(f"A similarity must be a sparse matrix or an array, not {type(graph).__name__}.")
    if graph.shape != (n_cells, n_cells):
        raise ValueError(f"A similarity of {n_cells} cells must have shape ({n_cells}, {n_cells}), not {graph.shape}.")
    graph = sparse.coo_matrix(graph)
    graph.sum_duplicates()
    if graph.nnz and not (graph.data.min() >= 0 and graph.data.max() <= 1 + ROUNDING):  # also where a value is NaN
        raise ValueError(
            f"Similarities must be in [0, 1], but are from {graph.data.min():g} to {graph.data.max():g}. "
            "Distances are no similarities."
        )
    off = graph.row != graph.col
    values = graph.data[off].astype(np.float32).clip(max=1)
    graph = sparse.csr_matrix((values, (graph.row[off], graph.col[off])), graph.shape)
    graph = sparse.csr_matrix(graph.maximum(graph.T))
    graph.eliminate_zeros()
    graph.sort_indices()
    return graph


def _fuzzy_graph(x: np.ndarray, index: np.ndarray, distance: np.ndarray) -> sparse.csr_matrix:
    """UMAP's graph of nearest cells, both ``(cells, 1 + neighbours)``."""
    from umap.umap_ import fuzzy_simplicial_set  # slow to import

    graph = fuzzy_simplicial_set(
        x, index.shape[1], None, "euclidean", knn_indices=index, knn_dists=distance.astype(np.float32)
    )[0]
    return checked_graph(graph, x.shape[0])


def _check_values(x: np.ndarray | sparse.spmatrix) -> None:
    """Refuse what has no neighbours."""
    if np.ndim(x) != 2 and not sparse.issparse(x):
        raise ValueError(f"Values must be cells × features, not of shape {np.shape(x)}.")
    if x.shape[0] < 2 or not np.isfinite(x.data if sparse.issparse(x) else x).all():
        raise ValueError("Values must be finite, of two or more cells: replace NaN and infinite ones.")


def _nearest(x: np.ndarray, n_neighbors: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of and distances to the cell itself and the nearest others, each ``(cells, 1 + neighbours)``."""
    check_whole(n_neighbors=n_neighbors)
    _check_values(x)
    n_cells = x.shape[0]
    n_neighbors = min(n_neighbors, n_cells - 1)
    if n_cells <= EXACT or (x.shape[1] <= FEW and not sparse.issparse(x)):
        distance, index = NearestNeighbors(n_neighbors=n_neighbors).fit(x).kneighbors()
        return _with_itself(index, distance)
    from pynndescent import NNDescent  # slow to import

    return NNDescent(x, n_neighbors=n_neighbors + 1, random_state=seed).neighbor_graph


def _with_itself(index: np.ndarray, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Others ``(cells, neighbours)``, behind the cell itself, where UMAP expects it."""
    itself = np.arange(len(index))[:, None]
    return np.hstack([itself, index]), np.hstack([np.zeros_like(distance, shape=(len(index), 1)), distance])
