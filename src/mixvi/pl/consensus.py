"""How far the arms agree, and how pruning went on."""

import numpy as np
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

NAMED = 40  # types; names of more do not fit


def consensus(adata: AnnData, key: str = "cpl_pruning", ax: Axes | None = None) -> Axes:
    """The consensus curve: mean and lowest consensus of the arms against the number of types.

    Parameters
    ----------
    adata
        Cells whose model was pruned with :meth:`mixvi.CplMixVI.prune_categories`.
    key
        Key in ``.uns``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If there is no curve.

    Examples
    --------
    >>> mixvi.pl.consensus(adata)  # doctest: +SKIP
    """
    if key not in adata.uns:
        raise KeyError(f"{key!r} is not in adata.uns. Call model.prune_categories() first.")
    curve, threshold = adata.uns[key]["curve"], float(adata.uns[key]["min_consensus"])
    if ax is None:
        _, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
    for column, label in (("mean", "mean over types"), ("min", "least agreed type")):
        ax.plot(curve["n_types"], curve[column], "o-", markersize=4, label=label)
    ax.axhline(threshold, color="0.5", linewidth=0.8, linestyle="--", label=f"threshold {threshold:g}")
    end = curve.iloc[-1]
    ends, found = [end["mean"], end["min"]], f"{end['n_types']:.0f} types"
    ax.scatter([end["n_types"]] * 2, ends, 80, color="none", edgecolors="black", zorder=3, label=found)
    ax.set(xlabel="number of types", ylabel="consensus of the arms", ylim=(min(0.5, curve["min"].min() - 0.05), 1.02))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.invert_xaxis()
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, loc="lower right")
    return ax


def arm_consensus(adata: AnnData, key: str = "cpl_consensus", ax: Axes | None = None) -> Axes:
    """The consensus matrix between arms: a bright diagonal where they agree, and what is taken for what beside it.

    Parameters
    ----------
    adata
        Cells after :meth:`mixvi.CplMixVI.get_arm_consensus`.
    key
        Key in ``.uns``.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If there is no matrix.

    Examples
    --------
    >>> model.get_arm_consensus()  # doctest: +SKIP
    >>> mixvi.pl.arm_consensus(adata)  # doctest: +SKIP
    """
    if key not in adata.uns:
        raise KeyError(f"{key!r} is not in adata.uns. Call model.get_arm_consensus() first.")
    matrix = adata.uns[key]
    if ax is None:
        _, ax = plt.subplots(figsize=(5.4, 4.6), layout="constrained")
    ax.grid(False)  # which some styles draw on top
    image = ax.imshow(matrix, vmin=0, vmax=1, cmap="viridis")
    ax.figure.colorbar(image, ax=ax, label="consensus", shrink=0.8)
    step = -(-len(matrix) // NAMED)
    ticks = np.arange(0, len(matrix), step)
    size = 9 if len(ticks) <= 20 else 6
    ax.set_xticks(ticks, matrix.columns[ticks], fontsize=size, rotation=90 if len(ticks) > 20 else 0)
    ax.set_yticks(ticks, matrix.index[ticks], fontsize=size)
    ax.set(xlabel="type by one arm", ylabel="type by another arm", title=f"mean {np.diag(matrix).mean():.3f}")
    return ax
