"""What simulated counts take from real ones."""

from dataclasses import dataclass

import numpy as np
from anndata import AnnData
from scipy import sparse
from scipy.optimize import nnls
from scipy.stats import norm

from mixvi.arguments import check_anndata, check_layer

N_QUANTILES = 101
N_BINS = 20  # of genes with similar means, in the fit of the dispersion
POISSON = 1e-6  # dispersion that no count shows


@dataclass(frozen=True)
class SimulationParameters:
    r"""Depth of cells, expression of genes, and their dispersion.

    Parameters
    ----------
    depth_log_mean
        Mean over cells of the natural logarithm of their total counts.
    depth_log_sd
        Its standard deviation.
    gene_log_quantiles
        Quantiles, at equal steps from 0 to 1, of the genes' log mean expression; a common offset does not matter.
    dispersion
        ``(a, b)`` of the negative binomial's dispersion :math:`\alpha = a + b / \mu`, where :math:`\mu` is the mean
        count of a gene and its variance is :math:`\mu + \alpha \mu^2`.
    """

    depth_log_mean: float = float(np.log(2000))
    depth_log_sd: float = 0.4
    gene_log_quantiles: tuple[float, ...] = tuple(norm.ppf(np.linspace(0.005, 0.995, N_QUANTILES)).tolist())
    dispersion: tuple[float, float] = (0.1, 0.0)

    def draw_depth(self, n_cells: int, rng: np.random.Generator) -> np.ndarray:
        """Expected total counts of cells, ``(cells,)``."""
        return rng.lognormal(self.depth_log_mean, self.depth_log_sd, n_cells)

    def draw_log_expression(self, n_genes: int, rng: np.random.Generator) -> np.ndarray:
        """Log mean expression of genes, up to an offset, ``(genes,)``."""
        at = np.linspace(0, 1, len(self.gene_log_quantiles))
        return np.interp(rng.random(n_genes), at, self.gene_log_quantiles)

    def dispersion_at(self, mean: np.ndarray) -> np.ndarray:
        """Dispersion of genes with these mean counts; at the least so little that counts are Poisson in effect."""
        constant, inverse = self.dispersion
        return np.maximum(constant + inverse / mean, POISSON)


def moment_dispersion(x: sparse.csr_matrix, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and dispersion of each gene by moments, given the depth of cells.

    With size factors :math:`s` of mean one, :math:`\mathrm{E} \sum (x - s \mu)^2 = \mu \sum s + \alpha \mu^2 \sum
    s^2`.

    Parameters
    ----------
    x
        Counts, ``(cells, genes)``; every gene has one.
    depth
        Total counts of cells.

    Returns
    -------
    Mean :math:`\mu` and dispersion :math:`\alpha`, which may come out negative, each ``(genes,)``.
    """
    size = depth / depth.mean()
    total = np.asarray(x.sum(0), float).ravel()
    mean = total / size.sum()
    squares = np.asarray(x.multiply(x).sum(0), float).ravel()
    residual = squares - 2 * mean * (x.T @ size) + mean**2 * (size**2).sum()
    return mean, (residual - mean * size.sum()) / (mean**2 * (size**2).sum())


def fit_dispersion_trend(mean: np.ndarray, dispersion: np.ndarray) -> tuple[float, float]:
    r"""Fit :math:`\alpha = a + b / \mu` to the medians of genes with similar means.

    Medians, because the minority of genes that mark types is dispersed by the types as well.

    Parameters
    ----------
    mean
        Mean counts of genes.
    dispersion
        Their dispersions.

    Returns
    -------
    ``a`` and ``b``, neither negative.
    """
    bins = np.array_split(np.argsort(mean), min(N_BINS, len(mean)))
    centre = np.array([np.median(mean[genes]) for genes in bins])
    middle = np.array([np.median(dispersion[genes]) for genes in bins]).clip(0)
    weight = np.sqrt(centre)  # dispersions of rare genes are ill determined
    (constant, inverse), _ = nnls(weight[:, None] * np.stack([np.ones_like(centre), 1 / centre], 1), weight * middle)
    return float(constant), float(inverse)


def estimate_parameters(adata: AnnData, layer: str | None = None) -> SimulationParameters:
    """Estimate from real counts what a simulation needs to look like them; no labels are used.

    Differences between types count as dispersion where they touch most genes, so this errs on the side of noise.

    Parameters
    ----------
    adata
        Real cells.
    layer
        Layer with counts; ``.X`` if not given.

    Returns
    -------
    The parameters, for :func:`~mixvi.datasets.simulate_types_and_states`.

    Raises
    ------
    ValueError
        If the values are not counts, or there are fewer than two cells or genes with any.

    Examples
    --------
    >>> from mixvi.datasets import simulate_types_and_states
    >>> adata = simulate_types_and_states([300, 200])
    >>> round(estimate_parameters(adata).depth_log_sd, 1)
    0.4
    """
    check_anndata(adata)
    check_layer(adata, layer)
    x = sparse.csr_matrix(adata.X if layer is None else adata.layers[layer], dtype=np.float64)
    if x.nnz and (x.data.min() < 0 or (x.data != np.round(x.data)).any()):
        raise ValueError("The values are not counts. Name the layer that holds raw counts with layer=...")
    depth = np.asarray(x.sum(1)).ravel()
    expressed = np.asarray(x.sum(0)).ravel() > 0
    x, depth = x[depth > 0][:, expressed], depth[depth > 0]
    if min(x.shape) < 2:
        raise ValueError("Fewer than two cells or genes have counts: there is nothing to estimate from.")
    mean, dispersion = moment_dispersion(x, depth)
    return SimulationParameters(
        depth_log_mean=float(np.log(depth).mean()),
        depth_log_sd=float(np.log(depth).std()),
        gene_log_quantiles=tuple(np.quantile(np.log(mean), np.linspace(0, 1, N_QUANTILES)).tolist()),
        dispersion=fit_dispersion_trend(mean, dispersion),
    )
