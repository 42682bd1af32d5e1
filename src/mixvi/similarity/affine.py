"""Nearest images where small turns, stretches, slants and shifts do not count."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from torch import Tensor, nn

from mixvi.augment import Affine

N_NEIGHBORS = 15
N_COMPONENTS = 50
N_COPIES = 8
# gentler than the arms' copies
TOLERATED: dict[str, Any] = {"rotation": 10.0, "scaling": 0.1, "shear": 10.0, "shift": 1.0}
CHUNK = 1000  # images whose distances are computed at once


class PrincipalDirections(nn.Module):
    """Images on their leading principal components, as unit vectors: contrast and thickness of lines count less.

    Parameters
    ----------
    x
        Images, shape ``(images, pixels)``.
    seed
        Seed of the randomised principal component analysis.
    """

    def __init__(self, x: Tensor, seed: int = 0):
        super().__init__()
        pca = PCA(min(N_COMPONENTS, *x.shape), svd_solver="randomized", random_state=seed).fit(x.cpu().numpy())
        self.register_buffer("mean", torch.as_tensor(pca.mean_).to(x))
        self.register_buffer("axes", torch.as_tensor(pca.components_.T.copy()).to(x))  # (pixels, components)

    def forward(self, x: Tensor) -> Tensor:
        """Unit vectors ``(images, components)`` of the images ``(images, pixels)``."""
        return F.normalize((x - self.mean) @ self.axes, dim=1)


class AffineNeighbours(TransformerMixin, BaseEstimator):
    """Nearest images where the one may be turned, scaled, sheared and shifted a little before it is compared.

    The distance of two images is the smallest over a few affine copies of the first: a sampled tangent distance (Simard
    et al. 1993). It is one of scikit-learn's neighbour transformers, for :func:`scanpy.pp.neighbors`.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    n_neighbors
        Neighbours of each image.
    seed
        Seed of the copies.
    """

    def __init__(self, image_shape: tuple[int, ...], n_neighbors: int = N_NEIGHBORS, seed: int = 0):
        self.image_shape, self.n_neighbors, self.seed = image_shape, n_neighbors, seed

    def fit_transform(self, X: np.ndarray, y: None = None) -> sparse.csr_matrix:
        """Distances of the nearest images of each of the images ``(images, pixels)``, sparse ``(images, images)``."""
        x = torch.as_tensor(X)
        directions = PrincipalDirections(x, self.seed)
        reference = directions(x)
        affine, k = Affine(self.image_shape, **TOLERATED), min(self.n_neighbors, len(x) - 1)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            nearest = [
                self._nearest(position, [directions(copy) for copy in self._copies(part, affine)], reference, k)
                for position, part in zip(torch.arange(len(x)).split(CHUNK), x.split(CHUNK), strict=True)
            ]
        distance, index = (torch.cat(parts).numpy() for parts in zip(*nearest, strict=True))
        starts = np.arange(0, index.size + 1, k)
        return sparse.csr_matrix((distance.ravel(), index.ravel(), starts), (len(x), len(x)))

    @staticmethod
    def _copies(x: Tensor, affine: Affine) -> list[Tensor]:
        """The images themselves, and copies of them."""
        return [x, *(affine(x, 1)[0] for _ in range(N_COPIES))]

    @staticmethod
    def _nearest(position: Tensor, copies: list[Tensor], reference: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """Distances to and positions of the nearest reference images but the image itself, each ``(images, k)``."""
        cosine = copies[0] @ reference.T
        for copy in copies[1:]:
            torch.maximum(cosine, copy @ reference.T, out=cosine)
        cosine[torch.arange(len(position)), position] = -torch.inf
        best, index = cosine.topk(k)
        return (2 - 2 * best).clamp_min(1e-12).sqrt(), index
