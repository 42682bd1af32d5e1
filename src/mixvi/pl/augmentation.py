"""Cells beside their copies."""

from collections.abc import Mapping, Sequence

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from scipy import sparse

from mixvi.arguments import check_layer

COLOURS = ("0.6", "tab:orange")  # original, augmented


def augmentation(
    adata: AnnData,
    gene_sets: Mapping[str, Sequence[str]] | None = None,
    color: str | None = None,
    layer: str | None = None,
    augmented: str = "cpl_augmented",
    n_cells: int = 3000,
    seed: int = 0,
) -> np.ndarray:
    """Original and augmented cells on one UMAP, side by side, and their expression of gene sets (supplement F.2).

    Both are embedded together, so that copies unlike any cell show as islands of their own.

    Parameters
    ----------
    adata
        Cells with copies in ``.layers[augmented]``, from :meth:`mixvi.CplMixVI.augment`; it is not changed.
    gene_sets
        Genes of each set; one panel with the distributions of its genes is drawn for each. Counts are log-normalised.
    color
        Column of ``.obs`` to colour cells by.
    layer
        Layer with the original values; None for ``adata.X``.
    augmented
        Layer with the copies.
    n_cells
        Cells that are drawn, at random, if there are more.
    seed
        Seed of that choice and of the UMAP.

    Returns
    -------
    The axes: original and augmented cells, then one for each gene set.

    Raises
    ------
    KeyError
        If a layer, column or gene does not exist.

    Examples
    --------
    >>> model.augment()  # doctest: +SKIP
    >>> mixvi.pl.augmentation(adata, {"activity": ["Fos", "Junb"]}, color="cpl_type")  # doctest: +SKIP
    """
    gene_sets = dict(gene_sets or {})
    _check(adata, gene_sets, color, layer, augmented)
    both = _beside(adata, layer, augmented, n_cells, seed)
    sc.pp.pca(both, n_comps=min(50, both.n_vars - 1, both.n_obs - 1), random_state=seed)
    sc.pp.neighbors(both, random_state=seed)
    sc.tl.umap(both, random_state=seed)

    n_rows = 1 + -(-len(gene_sets) // 2)
    figure, axes = plt.subplots(n_rows, 2, figsize=(12, 5 + 3 * (n_rows - 1)), squeeze=False)
    axes = axes.ravel()
    for ax in axes[2 + len(gene_sets) :]:
        ax.remove()
    axes = axes[: 2 + len(gene_sets)]
    box = both.obsm["X_umap"].min(0), both.obsm["X_umap"].max(0)
    for ax, of in zip(axes, ("original", "augmented"), strict=False):
        part = both[both.obs["of"] == of].copy()
        sc.pl.umap(part, color=color, ax=ax, show=False, title=of, frameon=False)
        ax.set_xlim(box[0][0] - 1, box[1][0] + 1)
        ax.set_ylim(box[0][1] - 1, box[1][1] + 1)
    for ax, (name, genes) in zip(axes[2:], gene_sets.items(), strict=True):
        _distributions(ax, both[:, list(genes)], name)
    figure.tight_layout()
    return axes


def _check(
    adata: AnnData, gene_sets: dict[str, Sequence[str]], color: str | None, layer: str | None, augmented: str
) -> None:
    if augmented not in adata.layers:
        raise KeyError(f"{augmented!r} is not in adata.layers. Call model.augment() first.")
    check_layer(adata, layer)
    if color is not None and color not in adata.obs:
        raise KeyError(f"{color!r} is not a column of adata.obs.")
    missing = [gene for genes in gene_sets.values() for gene in genes if gene not in adata.var_names]
    if missing:
        raise KeyError(f"These genes of gene_sets are not in adata.var_names: {', '.join(missing)}.")


def _beside(adata: AnnData, layer: str | None, augmented: str, n_cells: int, seed: int) -> AnnData:
    """Original and augmented cells in one object, log-normalised if they are counts; ``.obs["of"]`` tells which."""
    n_drawn = min(n_cells, adata.n_obs)
    cells = np.sort(np.random.default_rng(seed).choice(adata.n_obs, n_drawn, replace=False))
    original = adata.X if layer is None else adata.layers[layer]
    parts = {}
    for name, matrix in {"original": original, "augmented": adata.layers[augmented]}.items():
        values = matrix[cells]
        values = values.toarray() if sparse.issparse(values) else np.asarray(values)
        parts[name] = AnnData(
            values.astype(np.float32), obs=adata.obs.iloc[cells], var=pd.DataFrame(index=adata.var_names)
        )
    both = ad.concat(parts, label="of", index_unique="-", merge="same")
    both.obs = both.obs.drop(columns=[c for c in both.obs if both.obs[c].isna().all()])
    both = both[:, ~np.isnan(both.X).any(0)].copy()  # genes that the model does not know have no copies
    if (both.X == np.round(both.X)).all():
        sc.pp.normalize_total(both)
        sc.pp.log1p(both)
    return both


def _distributions(ax: Axes, both: AnnData, title: str) -> None:
    """Violins of each gene, original beside augmented."""
    positions = np.arange(both.n_vars)
    for shift, of, colour in zip((-0.2, 0.2), ("original", "augmented"), COLOURS, strict=True):
        violins = ax.violinplot(
            both.X[(both.obs["of"] == of).to_numpy()], positions + shift, widths=0.38, showextrema=False, showmeans=True
        )
        for body in violins["bodies"]:
            body.set(facecolor=colour, alpha=0.8)
        ax.plot([], [], color=colour, linewidth=6, label=of)
    ax.set_xticks(positions, both.var_names, rotation=45, ha="right")
    ax.set(title=title, ylabel="expression")
    ax.legend(frameon=False)
