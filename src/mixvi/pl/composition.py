"""Which cells a type is made of."""

import pandas as pd
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

WIDTH = 0.32  # of a bar, in inches
MANY = 20  # groups, from which on the colours of a second map are needed


def composition(
    adata: AnnData, groupby: str = "cpl_type", by: str = "batch", normalize: bool = True, ax: Axes | None = None
) -> Axes:
    """Stacked bars: the share that each batch, donor or condition has of every type.

    Types of one condition only stand out, as do types that are a batch.

    Parameters
    ----------
    adata
        Cells.
    groupby
        Column of ``.obs``, a bar for each of its values, such as the types.
    by
        Column of ``.obs``, a colour for each of its values. Colours are those of ``.uns[f"{by}_colors"]`` where scanpy
        has kept them.
    normalize
        Show shares; with False, numbers of cells. The dashed lines are the shares in all cells.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If a column does not exist.

    Examples
    --------
    >>> mixvi.pl.composition(adata, "cpl_type", by="condition")  # doctest: +SKIP
    """
    for key in (groupby, by):
        if key not in adata.obs:
            raise KeyError(f"{key!r} is not a column of adata.obs.")
    groups, parts = (adata.obs[key].astype("category").cat.remove_unused_categories() for key in (groupby, by))
    table = pd.crosstab(groups, parts, normalize="index" if normalize else False)
    if ax is None:
        figure, ax = plt.subplots(figsize=(max(4, 2.2 + WIDTH * len(table)), 3.6), layout="constrained")
    colours = _colours(adata, by)
    bottom = pd.Series(0.0, table.index)
    for name in table:
        ax.bar(table.index.astype(str), table[name], 0.85, bottom, color=colours.get(name), label=str(name))
        bottom += table[name]
    if normalize:
        for edge in parts.value_counts(normalize=True, sort=False).cumsum().iloc[:-1]:
            ax.axhline(edge, color="black", linewidth=0.8, linestyle="--")
        ax.set_ylim(0, 1)
    ax.set(xlabel=groupby, ylabel="share of the cells" if normalize else "cells")
    ax.margins(x=0.01)
    if max(map(len, table.index.astype(str))) > 3:
        ax.tick_params(axis="x", rotation=90)
    ax.spines[["top", "right"]].set_visible(False)
    n_columns = -(-len(table.columns) // 14)
    ax.legend(title=by, reverse=True, frameon=False, loc="upper left", bbox_to_anchor=(1, 1), ncols=n_columns)
    return ax


def _colours(adata: AnnData, by: str) -> dict:
    """A colour for each value of a column."""
    levels = list(adata.obs[by].astype("category").cat.categories)
    kept = adata.uns.get(f"{by}_colors")
    if kept is not None and len(kept) == len(levels):
        return dict(zip(levels, kept, strict=True))
    colours = plt.get_cmap("tab10" if len(levels) <= 10 else "tab20" if len(levels) <= MANY else "nipy_spectral")
    steps = colours.N if len(levels) <= MANY else len(levels)
    return {level: colours(i if steps == colours.N else i / steps) for i, level in enumerate(levels)}
