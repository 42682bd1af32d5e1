"""The main job in one call: from a file of cells to types, states, a figure and a summary."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData, read_h5ad
from matplotlib import pyplot as plt
from rich.console import Console
from rich.table import Table

from mixvi import pl
from mixvi.files import written_whole
from mixvi.genes import informative_genes
from mixvi.metrics import clustering_scores
from mixvi.model import CplMixVI

UNLABELLED = ("(none)", "nan", "NA", "")


@dataclass
class DemoResult:
    """What a demo leaves behind."""

    adata: AnnData
    model: CplMixVI
    scores: dict[str, float]
    h5ad: Path
    png: Path


def run_demo(
    data: Path | None = None,
    labels: str | None = None,
    layer: str | None = None,
    out: Path = Path("mixvi_demo"),
    seed: int = 0,
) -> DemoResult:
    """Learn types and states of the cells in a file, and write and show the results.

    Writes ``OUT/NAME.h5ad``: all cells and genes of the file with types in ``.obs["cpl_type"]``, ``["cpl_confidence"]``
    and ``["cpl_agreement"]``, ``.obsm["X_cpl_prob"]``, ``["X_cpl_state"]``, ``["X_cpl"]`` (latent space) and
    ``["X_cpl_umap"]``; and ``OUT/NAME.png``: two UMAPs, found types beside published labels.

    Parameters
    ----------
    data
        An ``.h5ad`` file with counts or log-normalised values. If None, the 700 blood cells that come with scanpy.
    labels
        Column of ``.obs`` with published labels, only used for the scores and the figure.
    layer
        Layer with the expression values; ``.X`` if None.
    out
        Folder for the results.
    seed
        Seed of the model.

    Returns
    -------
    The cells with all results, the model, the scores and the paths.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, KeyError, ValueError
        If the cells cannot be used; the message says what to do.

    Examples
    --------
    >>> run_demo().scores  # doctest: +SKIP
    """
    adata, labels, name = _read(data, labels)
    cells = informative_genes(adata, layer)
    out.mkdir(parents=True, exist_ok=True)
    CplMixVI.setup_anndata(cells, layer=layer)
    model = CplMixVI(cells, seed=seed)
    model.train()
    model.get_cell_types()
    for key in ("cpl_type", "cpl_confidence", "cpl_agreement"):
        adata.obs[key] = cells.obs[key]
    adata.obsm["X_cpl_prob"] = model.get_type_probabilities().to_numpy()
    adata.obsm["X_cpl_state"] = model.get_states()
    adata.obsm["X_cpl"] = model.get_latent_representation()
    adata.obsm["X_cpl_umap"] = _umap(adata.obsm["X_cpl"])
    truth = None if labels is None else _known(adata.obs[labels])
    result = DemoResult(
        adata,
        model,
        {} if truth is None else clustering_scores(truth, adata.obs["cpl_type"]),
        out / f"{name}.h5ad",
        out / f"{name}.png",
    )
    with written_whole(result.h5ad) as path:
        adata.write_h5ad(path)
    with written_whole(result.png) as path:
        axes = pl.types(adata, label_key=labels, basis="X_cpl_umap")
        axes[0].figure.savefig(path, dpi=150, bbox_inches="tight")
        plt.close(axes[0].figure)
    return result


def print_summary(result: DemoResult, console: Console) -> None:
    """Print what was found.

    Parameters
    ----------
    result
        What :func:`run_demo` returned.
    console
        Where to print.
    """
    obs = result.adata.obs
    table = Table(title="Cell types and cell states", show_header=False)
    for row in (
        ("cells", f"{result.adata.n_obs:,}"),
        ("genes", f"{result.model.adata.n_vars:,} of {result.adata.n_vars:,}"),
        ("types found", str(obs["cpl_type"].nunique())),
        ("agreement of the arms", f"{obs['cpl_agreement'].mean():.3f}"),
        ("mean confidence", f"{obs['cpl_confidence'].mean():.3f}"),
        *((f"{score} against labels", f"{value:.3f}") for score, value in result.scores.items()),
        ("results", str(result.h5ad)),
        ("figure", str(result.png)),
    ):
        table.add_row(*row)
    console.print(table)


def _read(data: Path | None, labels: str | None) -> tuple[AnnData, str | None, str]:
    """Cells, the column of their labels, and a name for the results."""
    if data is None:
        adata, labels, name = sc.datasets.pbmc68k_reduced().raw.to_adata(), labels or "bulk_labels", "pbmc68k_reduced"
    elif data.is_file():
        adata, name = read_h5ad(data), data.stem
    else:
        raise FileNotFoundError(f"There is no file {data}.")
    if labels is not None and labels not in adata.obs:
        raise KeyError(f"labels: {labels!r} is not a column of .obs, which has {', '.join(adata.obs)}.")
    if labels is not None and _known(adata.obs[labels]).isna().all():
        raise ValueError(f"labels: no cell has a label in .obs[{labels!r}].")
    return adata, labels, name


def _umap(latent: np.ndarray) -> np.ndarray:
    """Two-dimensional map of the latent space, ``(cells, 2)``."""
    graph = AnnData(latent)
    sc.pp.neighbors(graph, use_rep="X", n_neighbors=min(15, len(latent) - 1), transformer="sklearn")
    sc.tl.umap(graph)
    return graph.obsm["X_umap"]


def _known(labels: pd.Series) -> pd.Series:
    """Labels with the usual words for "no label" made missing."""
    return labels.astype(object).where(~labels.astype(str).isin(UNLABELLED))
