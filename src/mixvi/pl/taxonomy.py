"""Found types against a reference taxonomy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from scipy.cluster.hierarchy import dendrogram

from mixvi import metrics

MOST_NAMED = 40  # types whose names fit on an axis


def confusion(
    adata: AnnData,
    label_key: str,
    type_key: str = "cpl_type",
    linkage: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Share of each label's cells in each type, in the order of a dendrogram (:func:`mixvi.metrics.confusion`).

    Parameters
    ----------
    adata
        Cells with labels and types; it is not changed.
    label_key, type_key
        Columns of ``.obs`` with published labels and found types.
    linkage
        Hierarchy of the labels, see :func:`mixvi.metrics.confusion`. If None, that of
        ``scanpy.tl.dendrogram(adata, label_key)`` if it was called; else labels keep their order.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If a column does not exist.
    ValueError
        If labels and linkage do not fit each other.

    Examples
    --------
    >>> sc.tl.dendrogram(adata, "cell_type")  # doctest: +SKIP
    >>> mixvi.pl.confusion(adata, "cell_type")  # doctest: +SKIP
    """
    _check_columns(adata, label_key, type_key)
    linkage = _linkage_of(adata, label_key) if linkage is None else linkage
    shares = metrics.confusion(adata.obs[label_key], adata.obs[type_key], linkage)
    n_labels, n_types = shares.shape
    if ax is None:
        width, height = min(12, 4.5 + 0.16 * n_types), min(12, 2.2 + 0.16 * n_labels)
        ax = plt.subplots(figsize=(width, height), layout="constrained")[1]
    ax.grid(False)  # which some styles draw on top
    image = ax.imshow(shares, aspect="auto", cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    size = 9 if n_labels <= 20 else 6 if n_labels <= 60 else 4
    ax.set_yticks(range(n_labels), shares.index, fontsize=size)
    if n_types <= MOST_NAMED:
        ax.set_xticks(range(n_types), shares.columns, fontsize=8, rotation=90 if n_types > 15 else 0)
    else:
        ax.set_xticks([])
    ax.set(xlabel=f"{n_types} types, matched to labels", title="share of a label's cells in each type")
    if linkage is not None:
        tree = ax.inset_axes((1.01, 0, 0.15, 1))
        with plt.rc_context({"lines.linewidth": 0.8}):
            dendrogram(
                linkage, orientation="right", ax=tree, no_labels=True, color_threshold=0, above_threshold_color="0.3"
            )
        tree.set_ylim(10 * n_labels, 0)  # leaves lie at 5, 15, …
        tree.axis("off")
    ax.figure.colorbar(image, ax=ax, pad=0.02)
    return ax


def hierarchy_accuracy(
    adata: AnnData,
    label_key: str,
    type_key: str | Sequence[str] = "cpl_type",
    linkage: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy while labels are merged up a hierarchy (:func:`mixvi.metrics.accuracy_along_hierarchy`, Fig. S10b).

    Parameters
    ----------
    adata
        Cells with labels and types; it is not changed.
    label_key
        Column of ``.obs`` with published labels.
    type_key
        Column of ``.obs`` with found types; or several, of which each gets a line.
    linkage
        Hierarchy of the labels, as in :func:`confusion`.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If a column does not exist, or there is no hierarchy.
    ValueError
        If labels and linkage do not fit each other.

    Examples
    --------
    >>> sc.tl.dendrogram(adata, "cell_type")  # doctest: +SKIP
    >>> mixvi.pl.hierarchy_accuracy(adata, "cell_type", ["cpl_type", "leiden"])  # doctest: +SKIP
    """
    keys = [type_key] if isinstance(type_key, str) else list(type_key)
    _check_columns(adata, label_key, *keys)
    linkage = _linkage_of(adata, label_key) if linkage is None else linkage
    if linkage is None:
        raise KeyError(f"There is no hierarchy of {label_key!r}: call sc.tl.dendrogram(adata, {label_key!r}) first.")
    ax = ax or plt.subplots(figsize=(6, 4), layout="constrained")[1]
    for key in keys:
        found = metrics.accuracy_along_hierarchy(adata.obs[label_key], adata.obs[key], linkage)
        ax.plot(found.index, found["accuracy"], marker=".", label=key)
    ax.plot(found.index, found["chance"], color="0.6", linestyle="--", label="chance (largest class)")
    ax.set(xlabel="classes of merged labels", ylabel="accuracy", ylim=(0, 1.03), title="accuracy along the hierarchy")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.invert_xaxis()
    ax.legend(frameon=False)
    return ax


def silhouettes(
    adata: AnnData,
    label_key: str,
    type_key: str = "cpl_type",
    basis: str = "X_pca",
    n_components: Sequence[int] = (5, 10, 15, 20),
    ax: Axes | None = None,
) -> Axes:
    """Silhouettes of found types beside those of published labels (:func:`mixvi.metrics.silhouette`, Fig. S14).

    Parameters
    ----------
    adata
        Cells with labels, types and principal components; it is not changed.
    label_key, type_key
        Columns of ``.obs`` with published labels and found types.
    basis
        Key of the principal components in ``.obsm``.
    n_components
        Numbers of leading components.
    ax
        Where to draw; a new figure if None.

    Returns
    -------
    The axes; a point is a type or a label, a bar their mean.

    Raises
    ------
    KeyError
        If a column or the components do not exist.
    ValueError
        If there are fewer components than asked for, or fewer than two types.

    Examples
    --------
    >>> sc.pp.pca(adata)  # doctest: +SKIP
    >>> mixvi.pl.silhouettes(adata, "cell_type")  # doctest: +SKIP
    """
    _check_columns(adata, label_key, type_key)
    if basis not in adata.obsm:
        raise KeyError(f"{basis!r} is not in adata.obsm. Compute principal components first, with sc.pp.pca(adata).")
    parts = {
        name: metrics.silhouette(adata.obsm[basis], adata.obs[key], n_components)
        for name, key in {"types found": type_key, "published labels": label_key}.items()
    }
    table = pd.concat(parts, names=["of"]).reset_index("of")
    ax = ax or plt.subplots(figsize=(7, 4), layout="constrained")[1]
    style = {"data": table, "x": "n_components", "y": "silhouette", "hue": "of", "ax": ax}
    sns.stripplot(**style, dodge=True, size=4, alpha=0.6, jitter=0.15, legend=False)
    sns.barplot(**style, errorbar=None, alpha=0.35)
    ax.axhline(0, color="0.3", linewidth=0.8)
    ax.set(xlabel="principal components", ylabel="silhouette", title="average silhouette of each type")
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


def _check_columns(adata: AnnData, *keys: str) -> None:
    for key in keys:
        if key not in adata.obs:
            raise KeyError(f"{key!r} is not a column of adata.obs.")


def _linkage_of(adata: AnnData, label_key: str) -> np.ndarray | None:
    """The hierarchy that scanpy found, if it did."""
    return adata.uns.get(f"dendrogram_{label_key}", {}).get("linkage")
