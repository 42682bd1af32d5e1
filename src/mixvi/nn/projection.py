"""What the encoders look at: expression, freed of depth and scale, on its principal axes."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA
from torch import Tensor, nn

from mixvi.objective.blocks import cells_at_a_time

OVERDISPERSION = 100.0  # θ of the residuals' null model, the value of Lause, Berens and Kobak (2021)
CLIP = 10.0  # standard deviations; one extreme gene must not rule a cell
ROUNDING = 1e-9  # variance of residuals that is none; counting noise has 1
LEADING_SD = 3.0  # standard deviation given to the first component
PANEL = 50  # features, or fewer, are a choice of informative ones: their average variance is not that of noise


def marchenko_pastur_edge(n_cells: int, n_genes: int) -> float:
    """Largest eigenvalue that the covariance of pure noise of unit variance has (Marchenko and Pastur 1967).

    Parameters
    ----------
    n_cells, n_genes
        Shape of the data.

    Returns
    -------
    ``(1 + √(genes/cells))²``.

    Examples
    --------
    >>> marchenko_pastur_edge(1000, 1000)
    4.0
    """
    return (1 + math.sqrt(n_genes / n_cells)) ** 2


class ExpressionProjection(nn.Module):
    """Residuals of each gene, projected on their leading principal components.

    Counts become analytic Pearson residuals (Lause, Berens and Kobak 2021, Eq. 4), which are free of sequencing depth
    and have unit variance where there is only counting noise; other values become z-scores. Both are clipped.
    Components that noise alone could explain are zero; not so of 50 features or fewer, a panel chosen for what they
    tell, whose average variance says nothing of noise. The map is estimated once, from the training cells, and then
    fixed: arms that could learn it would learn the cells by heart.

    Parameters
    ----------
    n_genes
        Number of genes.
    n_components
        Number of principal components, at most.
    counts
        Whether the values are counts.
    """

    location: Tensor  # (genes,), of counts the share of each gene, else its mean
    scale: Tensor  # (genes,), standard deviation, unused for counts
    center: Tensor  # (components,)
    loadings: Tensor  # (genes, components)

    def __init__(self, n_genes: int, n_components: int, counts: bool):
        super().__init__()
        self.counts = counts
        self.register_buffer("location", torch.zeros(n_genes))
        self.register_buffer("scale", torch.ones(n_genes))
        self.register_buffer("center", torch.zeros(n_components))
        self.register_buffer("loadings", torch.zeros(n_genes, n_components))

    @property
    def n_components(self) -> int:
        """Number of principal components."""
        return self.loadings.shape[1]

    def residuals(self, x: Tensor) -> Tensor:
        """Clipped Pearson residuals or z-scores, ``(..., cells, genes)`` to the same shape."""
        return self.residuals_from(self.location, x)

    def residuals_from(self, location: Tensor, x: Tensor) -> Tensor:
        """As :meth:`residuals`, from another null model, ``(genes,)`` or ``(cells, genes)``: that of a cell's type."""
        if not self.counts:
            return ((x - location) / self.scale).clamp(-CLIP, CLIP)
        expected = x.sum(-1, keepdim=True) * location
        variance = torch.addcmul(expected, expected, expected, value=1 / OVERDISPERSION)
        return ((x - expected) * variance.clamp_min_(1e-12).rsqrt_()).clamp_(-CLIP, CLIP)

    def forward(self, x: Tensor) -> Tensor:
        """Project cells, ``(..., cells, genes) -> (..., cells, n_components)``."""
        rows, loadings = x.flatten(0, -2), self.used_loadings()
        scores = torch.cat([self.residuals(some) @ loadings for some in rows.split(cells_at_a_time(rows))])
        scores = F.pad(scores, (0, self.n_components - loadings.shape[1]))
        return (scores - self.center).unflatten(0, x.shape[:-1])

    def used_loadings(self) -> Tensor:
        """Loadings without those at the end that are zero, ``(genes, used components)``: zeros need no product.

        On a GPU all of them, which is faster than to look.
        """
        if self.loadings.device.type != "cpu":
            return self.loadings
        used = self.loadings.square().sum(0).nonzero()
        return self.loadings[:, : int(used[-1]) + 1 if len(used) else 1].contiguous()

    def gene_weights(self) -> Tensor:
        """Share of each gene in what is looked at: in the sum of squared loadings; shape ``(genes,)``."""
        weight = self.loadings.square().sum(1)
        return weight / weight.sum()

    def expected_values(self, total: Tensor, missing: Tensor) -> Tensor:
        """Values of genes that were not measured with which their residuals, and theirs alone, are zero.

        Parameters
        ----------
        total
            Sum of each cell's measured values, shape ``(cells,)``.
        missing
            Which genes were not measured, boolean, shape ``(genes,)``.

        Returns
        -------
        For counts, what a cell of its depth is expected to have; else the gene's mean: ``(cells, missing genes)``.
        """
        location = self.location[missing.to(self.location.device)]
        if not self.counts:
            return location.expand(len(total), -1)
        return total.to(location)[:, None] / (1 - location.sum()) * location

    @torch.no_grad()
    def fit(self, x: Tensor, seed: int = 0) -> None:
        """Estimate the map.

        Parameters
        ----------
        x
            Training cells (a sample is enough), shape ``(cells, genes)``.
        seed
            Seed of the randomised principal component analysis.

        Raises
        ------
        ValueError
            If all cells are the same.
        """
        if self.counts:
            total = x.sum(0, dtype=torch.float64)
            self.location.copy_(total / total.sum())
        else:
            self.location.copy_(x.mean(0))
            self.scale.copy_(x.std(0).clamp_min(1e-3))
        residuals = self.residuals(x).cpu().numpy()
        pca = PCA(self.n_components, svd_solver="randomized", iterated_power=7, random_state=seed).fit(residuals)
        variance = pca.explained_variance_
        if not variance[0] > ROUNDING:
            raise ValueError("All cells have the same expression, up to depth and rounding: it has no types.")
        signal = variance > marchenko_pastur_edge(*residuals.shape) * residuals.var(0).mean()
        signal[: None if x.shape[1] <= PANEL else 2] = True
        axes = pca.components_ * (signal * LEADING_SD / np.sqrt(variance[0]))[:, None]
        self.loadings.copy_(torch.as_tensor(axes.T))
        self.center.copy_(torch.as_tensor(axes @ pca.mean_))

    @torch.no_grad()
    def add_axes_between(self, x: Tensor, labels: Tensor) -> None:
        """Give components that are zero to what sets types apart and the others miss: rare types have none so far.

        Types count in proportion to their numbers of cells; axes that noise alone could explain are left out.

        Parameters
        ----------
        x
            Cells, shape ``(cells, genes)``.
        labels
            Their types, integers from 0, shape ``(cells,)``.
        """
        residuals = self.residuals(x)
        n_cells = torch.bincount(labels).to(x)
        sums = residuals.new_zeros(len(n_cells), x.shape[1]).index_add_(0, labels, residuals)
        length = self.loadings.norm(dim=0)
        used = length > 0
        axes = self.loadings[:, used] / length[used]
        rest = sums / n_cells.sqrt()[:, None] - n_cells.sqrt()[:, None] * residuals.mean(0)  # (types, genes)
        rest -= rest @ axes @ axes.T
        _, singular, new = torch.linalg.svd(rest, full_matrices=False)
        noise = len(n_cells) * marchenko_pastur_edge(*rest.shape) * residuals.var(0).mean()
        free = (~used).nonzero()[:, 0][: int((singular.square() > noise).sum())]
        new = new[: len(free)] * length.max()
        self.loadings[:, free] = new.T
        self.center[free] = new @ residuals.mean(0)


class PixelProjection(nn.Module):
    """Pixels, centred, in units of their overall spread: encoders of images see every pixel.

    Parameters
    ----------
    n_pixels
        Number of pixels.
    """

    location: Tensor  # (pixels,)
    scale: Tensor  # (pixels,), the same for all, so that rims stay quiet

    def __init__(self, n_pixels: int):
        super().__init__()
        self.register_buffer("location", torch.zeros(n_pixels))
        self.register_buffer("scale", torch.ones(n_pixels))

    @property
    def n_components(self) -> int:
        """Number of pixels."""
        return len(self.location)

    def forward(self, x: Tensor) -> Tensor:
        """Standardise images, ``(..., images, pixels)`` to the same shape."""
        return (x - self.location) / self.scale

    @torch.no_grad()
    def fit(self, x: Tensor, seed: int = 0) -> None:
        """Take average and spread from images of shape ``(images, pixels)``; ``seed`` is not needed.

        Raises
        ------
        ValueError
            If all images are the same.
        """
        self.location.copy_(x.mean(0))
        spread = x.var(0).mean().sqrt()
        if not spread > 0:
            raise ValueError("All images are the same: there are no types to be found.")
        self.scale.fill_(spread)
