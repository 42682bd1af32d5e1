"""Building a similarity of cells once, and keeping it with them."""

from collections.abc import Callable

import numpy as np
import scanpy as sc
from anndata import AnnData
from scipy import sparse

from mixvi.arguments import check_above, check_anndata, check_names, check_whole
from mixvi.images import shape_of_images
from mixvi.similarity.graphs import N_NEIGHBORS, affine_graph, checked_graph, knn_graph, threshold_graph, umap_graph
from mixvi.similarity.labels import corrected_by_labels, label_codes, must_links
from mixvi.similarity.similarity import Similarity

KINDS = ("umap", "knn", "threshold", "affine", "labels")
N_COMPONENTS = 50
KEY = "moe_similarity"


def build_similarity(
    adata: AnnData,
    kind: str | Callable[[np.ndarray], sparse.spmatrix] = "umap",
    *,
    labels_key: str | None = None,
    n_neighbors: int = N_NEIGHBORS,
    threshold: float | None = None,
    layer: str | None = None,
    use_rep: str | None = None,
    n_components: int | None = N_COMPONENTS,
    key_added: str = KEY,
    seed: int = 0,
) -> Similarity:
    """Say which cells are alike, and keep it as ``.obsp[key_added]`` and ``.uns[key_added]``.

    Memory grows with the number of cells, not with its square.

    Parameters
    ----------
    adata
        Cells or images.
    kind
        ``"umap"``, UMAP's fuzzy graph; ``"knn"``, nearest neighbours; ``"threshold"``, cells within a distance;
        ``"affine"``, UMAP's fuzzy graph of images where small affine maps do not count; ``"labels"``, nothing but the
        labels of ``labels_key``; the name of a graph in ``.obsp``, such as ``"connectivities"``; or a function that
        takes the values ``(cells, features)`` and gives similarities in [0, 1], ``(cells, cells)``.
    labels_key
        Column of ``.obs`` with labels of all or some cells (missing where unknown), for partial supervision: cells of
        one label are alike and cells of different labels are not, whatever the graph says.
    n_neighbors
        Nearest other cells of each cell, and links drawn within its label.
    threshold
        Largest distance for ``"threshold"``, in units of the values that are compared.
    layer, use_rep
        Compare values of this layer, or of this entry of ``.obsm`` (such as ``"X_pca"``); ``.X`` if both are None.
    n_components
        Compare so many principal components if there are more features than that; None for the features as they are.
        ``"affine"`` and functions are given the features.
    key_added
        Name in ``.obsp`` and ``.uns``.
    seed
        Seed.

    Returns
    -------
    The similarity, which :func:`get_similarity` gives again.

    Raises
    ------
    KeyError
        If a column, layer or representation does not exist.
    ValueError
        If ``kind`` is unknown, or its parts are missing or do not fit.

    Examples
    --------
    >>> adata = AnnData(np.random.default_rng(0).normal(size=(40, 5)))
    >>> build_similarity(adata, "knn", n_neighbors=3).n_cells
    40
    >>> adata.obsp["moe_similarity"].shape
    (40, 40)
    """
    _check(adata, kind, labels_key, threshold, layer, use_rep, n_neighbors, n_components, key_added)
    graph = _graph(adata, kind, n_neighbors, threshold, _values(adata, layer, use_rep), n_components, seed)
    labels = None
    if labels_key is not None:
        labels = label_codes(adata.obs[labels_key])
        graph = (
            must_links(labels, n_neighbors, seed)
            if graph is None
            else corrected_by_labels(graph, labels, n_neighbors, seed)
        )
    adata.obsp[key_added] = graph
    settings = {"kind": kind if isinstance(kind, str) else "function", "n_neighbors": n_neighbors, "seed": seed}
    given = {"labels_key": labels_key, "threshold": threshold, "layer": layer, "use_rep": use_rep}
    adata.uns[key_added] = settings | {name: value for name, value in given.items() if value is not None}
    return Similarity(graph, labels)


def get_similarity(adata: AnnData, key: str = KEY) -> Similarity:
    """The similarity that :func:`build_similarity` kept.

    Parameters
    ----------
    adata
        The cells, or some of them.
    key
        Name in ``.obsp`` and ``.uns``.

    Returns
    -------
    The similarity.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> adata = AnnData(np.random.default_rng(0).normal(size=(40, 5)))
    >>> _ = build_similarity(adata, "knn")
    >>> get_similarity(adata[:10]).n_cells
    10
    """
    check_anndata(adata)
    if key not in adata.obsp or key not in adata.uns:
        raise KeyError(f"adata has no similarity {key!r}. Call mixvi.similarity.build_similarity(adata) first.")
    labels_key = adata.uns[key].get("labels_key")
    if labels_key is not None and labels_key not in adata.obs:
        raise KeyError(f"The similarity was built with adata.obs[{labels_key!r}], which is no longer there.")
    labels = None if labels_key is None else label_codes(adata.obs[labels_key])
    return Similarity(sparse.csr_matrix(adata.obsp[key]), labels)


def _graph(
    adata: AnnData,
    kind: str | Callable[[np.ndarray], sparse.spmatrix],
    n_neighbors: int,
    threshold: float | None,
    values: np.ndarray | sparse.spmatrix,
    n_components: int | None,
    seed: int,
) -> sparse.csr_matrix | None:
    """The graph of a kind; None for labels alone."""
    if kind == "labels":
        return None
    if callable(kind):
        return checked_graph(kind(values), adata.n_obs)
    if kind == "affine":
        return affine_graph(values, shape_of_images(adata) or (), n_neighbors, seed)
    if kind not in KINDS:
        return checked_graph(adata.obsp[kind], adata.n_obs)
    if n_components is not None and n_components < values.shape[1]:
        values = sc.pp.pca(values, min(n_components, values.shape[0] - 1), random_state=seed)
    if threshold is not None:
        return threshold_graph(values, threshold)
    return (umap_graph if kind == "umap" else knn_graph)(values, n_neighbors, seed)


def _values(adata: AnnData, layer: str | None, use_rep: str | None) -> np.ndarray | sparse.spmatrix:
    """What is compared, ``(cells, features)``."""
    if use_rep is not None:
        return np.asarray(adata.obsm[use_rep])
    return adata.X if layer is None else adata.layers[layer]


def _check(
    adata: AnnData,
    kind: str | Callable,
    labels_key: str | None,
    threshold: float | None,
    layer: str | None,
    use_rep: str | None,
    n_neighbors: int,
    n_components: int | None,
    key_added: str,
) -> None:
    """Refuse what cannot be built, before long work."""
    check_anndata(adata)
    check_whole(n_neighbors=n_neighbors, n_components=n_components)
    check_above(0, threshold=threshold)
    check_names(layer=layer, use_rep=use_rep, labels_key=labels_key, key_added=key_added)
    if not callable(kind):
        check_names(kind=kind)
    if adata.n_obs < 2:
        raise ValueError(f"adata has {adata.n_obs} cells: two are needed for a similarity.")
    if not callable(kind) and kind not in KINDS and kind not in adata.obsp:
        known = ", ".join([*KINDS, *adata.obsp])
        raise ValueError(f"There is no similarity {kind!r}. Choose one of {known} (kinds and .obsp), or a function.")
    for argument, name, place in (
        ("labels_key", labels_key, "obs"),
        ("layer", layer, "layers"),
        ("use_rep", use_rep, "obsm"),
    ):
        if name is not None and name not in getattr(adata, place):
            raise KeyError(f"{argument}={name!r} is not in adata.{place}, which has {list(getattr(adata, place))}.")
    if layer is not None and use_rep is not None:
        raise ValueError("Choose layer or use_rep, not both.")
    if kind == "labels" and labels_key is None:
        raise ValueError("kind='labels' needs labels_key, a column of adata.obs.")
    if labels_key is not None and adata.obs[labels_key].isna().all():
        raise ValueError(f"adata.obs[{labels_key!r}] has no labels, only missing values.")
    if (kind == "threshold") != (threshold is not None):
        raise ValueError("A threshold belongs to kind='threshold': give both or neither.")
    if kind == "affine" and (use_rep is not None or shape_of_images(adata) is None):
        raise ValueError("kind='affine' compares images: see mixvi.images.to_anndata, and leave use_rep alone.")
    if kind not in ("labels", *adata.obsp) and use_rep is None and layer is None and adata.X is None:
        raise ValueError("adata.X is empty. Name the values to compare: layer=... or use_rep=...")
