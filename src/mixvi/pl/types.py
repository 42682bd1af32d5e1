"""Found types on an embedding."""

import numpy as np
import scanpy as sc
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes


def types(
    adata: AnnData,
    label_key: str | None = None,
    type_key: str = "cpl_type",
    basis: str = "X_umap",
) -> np.ndarray:
    """Found types on an embedding, beside published labels if there are any.

    Parameters
    ----------
    adata
        Cells with types in ``.obs[type_key]`` and an embedding in ``.obsm[basis]``. Colours are kept in ``.uns`` as
        scanpy does.
    label_key
        Column of ``.obs`` with published labels; if None, the confidence of the types is shown in their place.
    type_key
        Column of ``.obs`` with the found types.
    basis
        Key of the embedding in ``.obsm``.

    Returns
    -------
    The two axes.

    Raises
    ------
    KeyError
        If a column or the embedding does not exist.

    Examples
    --------
    >>> mixvi.pl.types(adata, label_key="cell_type")  # doctest: +SKIP
    """
    beside = label_key or f"{type_key.removesuffix('_type')}_confidence"
    for key in (type_key, beside):
        if key not in adata.obs:
            raise KeyError(f"{key!r} is not a column of adata.obs. Call model.get_cell_types() first.")
    if basis not in adata.obsm:
        raise KeyError(f"{basis!r} is not in adata.obsm. Compute an embedding first, for example with sc.tl.umap.")
    panels = [(type_key, "types found"), (beside, "published labels" if label_key else "confidence of the type")]
    figure, axes = plt.subplots(1, 2, figsize=(14, 5))
    for ax, (key, title) in zip(axes, panels, strict=True):
        sc.pl.embedding(adata, basis=basis, color=key, ax=ax, show=False, title=title, frameon=False)
        _in_columns(ax)
    figure.tight_layout()
    return axes


def _in_columns(ax: Axes) -> None:
    """Lay a long legend out in columns that fit the height."""
    legend = ax.get_legend()
    if legend is None or len(legend.get_texts()) <= 16:
        return
    names = [text.get_text() for text in legend.get_texts()]
    n_columns = -(-len(names) // 24)
    handles = [handle for handle in legend.legend_handles if handle is not None]
    ax.legend(handles, names, ncols=n_columns, fontsize=6, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
