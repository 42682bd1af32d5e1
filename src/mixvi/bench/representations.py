"""Representations of cells that are clustered in the usual ways."""

from collections.abc import Callable

import numpy as np
import scanpy as sc
from anndata import AnnData
from scvi.model import SCVI

from mixvi import cytometry
from mixvi.bench.data import Cells
from mixvi.genes import informative_genes
from mixvi.model.checks import summarise
from mixvi.model.seeding import seeded

N_GENES, N_COMPONENTS = 2000, 50


def log_pcs(cells: Cells, seed: int) -> np.ndarray:
    """50 principal components of log-normalised values (CP10k) of the 2,000 most variable genes.

    Parameters
    ----------
    cells, seed
        The cells, which must be counts, and the seed.

    Returns
    -------
    ``(cells, components)``.
    """
    adata = _counts(cells)
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    sc.pp.highly_variable_genes(adata, n_top_genes=min(N_GENES, adata.n_vars))
    return _principal_components(adata[:, adata.var["highly_variable"]].copy(), seed)


def pearson_pcs(cells: Cells, seed: int) -> np.ndarray:
    """50 principal components of analytic Pearson residuals of the 2,000 genes where they vary most.

    Parameters
    ----------
    cells, seed
        The cells, which must be counts, and the seed.

    Returns
    -------
    ``(cells, components)``.
    """
    adata = _counts(cells)
    sc.experimental.pp.highly_variable_genes(adata, n_top_genes=min(N_GENES, adata.n_vars))
    adata = adata[:, adata.var["highly_variable"]].copy()
    sc.experimental.pp.normalize_pearson_residuals(adata)
    return _principal_components(adata, seed)


def scvi_latent(cells: Cells, seed: int) -> np.ndarray:
    """Latent space of scVI with its defaults, given the batch where the data set has one.

    Parameters
    ----------
    cells, seed
        The cells, which must be counts, and the seed.

    Returns
    -------
    ``(cells, 10)``.
    """
    adata = informative_genes(_counts(cells))
    SCVI.setup_anndata(adata, batch_key=cells.batch_key)
    with seeded(seed):
        model = SCVI(adata)
        model.train(enable_progress_bar=False)
        return model.get_latent_representation()


def markers(cells: Cells, seed: int) -> np.ndarray:
    """Arcsinh of the markers of cell types, cofactor 5, of cells by mass cytometry.

    Parameters
    ----------
    cells, seed
        The cells, raw intensities with ``.var["marker_class"]``, and the seed, which plays no part.

    Returns
    -------
    ``(cells, markers)``.
    """
    return np.asarray(marker_cells(cells).X)


def marker_cells(cells: Cells) -> AnnData:
    """As :func:`markers`, as AnnData.

    Parameters
    ----------
    cells
        The cells, raw intensities with ``.var["marker_class"]``.

    Returns
    -------
    Cells × markers, transformed.
    """
    if not cells.is_cytometry:
        raise ValueError(f"{cells.name} has no marker classes, which this representation needs: it is no cytometry.")
    adata = cytometry.select_markers(cells.adata)
    cytometry.arcsinh(adata)
    adata.X = adata.layers.pop("arcsinh")
    return adata


def pixel_pcs(cells: Cells, seed: int) -> np.ndarray:
    """50 principal components of the pixels of images.

    Parameters
    ----------
    cells, seed
        The images and the seed.

    Returns
    -------
    ``(images, components)``.
    """
    if not cells.is_images:
        raise ValueError(f"{cells.name} has no images, which this representation needs.")
    return _principal_components(AnnData(cells.adata.X.copy()), seed)


def usual_representation(cells: Cells) -> str:
    """Name of what cells of a kind are usually clustered by: markers, pixels, or genes.

    Parameters
    ----------
    cells
        The cells.

    Returns
    -------
    ``"markers"``, ``"pixel_pcs"`` or ``"log_pcs"``.
    """
    return "markers" if cells.is_cytometry else "pixel_pcs" if cells.is_images else "log_pcs"


def _counts(cells: Cells) -> AnnData:
    """A copy without empty genes."""
    if not summarise(cells.adata, None, allow_empty_genes=True).integers:
        raise ValueError(f"The values of {cells.name} are not counts, which this representation needs.")
    adata = cells.adata.copy()
    sc.pp.filter_genes(adata, min_cells=1)
    return adata


def _principal_components(adata: AnnData, seed: int) -> np.ndarray:
    sc.pp.pca(adata, n_comps=min(N_COMPONENTS, *(np.array(adata.shape) - 1)), random_state=seed)
    return adata.obsm["X_pca"]


REPRESENTATIONS: dict[str, Callable[[Cells, int], np.ndarray]] = {
    "log_pcs": log_pcs,
    "pearson_pcs": pearson_pcs,
    "scvi": scvi_latent,
    "markers": markers,
    "pixel_pcs": pixel_pcs,
}
