"""Where training on images begins: types found on a graph of images that are near each other, without labels."""

import numpy as np
import scanpy as sc
import torch
import torch.nn.functional as F
from anndata import AnnData
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from torch import Tensor, nn

from mixvi.augment import Affine
from mixvi.train.gap import numbered_by_size
from mixvi.train.start import leiden_clusters

N_NEIGHBORS = 15
N_COMPONENTS = 50
N_COPIES = 8
TOLERATED = {"rotation": 10.0, "scaling": 0.1, "shear": 10.0, "shift": 1.0}  # gentler than the arms' copies
RESOLUTION = 1.0
TEMPERATURE = 0.05  # of the votes, in units of the cosine
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


class NearestTypes(nn.Module):
    """A partition of some images, extended to all images by a vote that near images dominate.

    Parameters
    ----------
    x
        The images, shape ``(images, pixels)``.
    labels
        Their types, integers from 0.
    """

    def __init__(self, x: Tensor, labels: np.ndarray):
        super().__init__()
        self.directions = PrincipalDirections(x)
        self.register_buffer("reference", self.directions(x))
        self.register_buffer("one_hot", F.one_hot(torch.as_tensor(labels)).float())

    @torch.no_grad()
    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        """Types of the images ``(images, pixels)``, of whatever batch: integers ``(images,)``."""
        cosine = self.directions(x) @ self.reference.T
        return (torch.softmax(cosine / TEMPERATURE, 1) @ self.one_hot).argmax(-1)


def image_types(
    x: Tensor, image_shape: tuple[int, ...], seed: int, n_types: int | None = None, max_types: int | None = None
) -> np.ndarray:
    """Types of images for a start: a Leiden clustering of their neighbours under affine maps.

    Parameters
    ----------
    x
        Images, shape ``(images, pixels)``.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    seed
        Seed.
    n_types
        Number of types: a finer clustering is merged down to it, the best connected clusters first. If None, the number
        at resolution 1.
    max_types
        At most this many.

    Returns
    -------
    Integer labels from 0 (the largest type) by size, shape ``(images,)``.
    """
    graph = AnnData(x.cpu().numpy())
    sc.pp.neighbors(graph, use_rep="X", transformer=AffineNeighbours(image_shape, seed=seed), random_state=seed)
    clusters = leiden_clusters(graph, n_types or 2, seed, RESOLUTION)
    most = n_types or max_types or len(clusters)
    return merge_connected(graph.obsp["connectivities"], clusters, most)


def merge_connected(weights: sparse.spmatrix, labels: np.ndarray, n_types: int) -> np.ndarray:
    """Merge the two clusters with the highest mean weight between their members, until there are few enough.

    Parameters
    ----------
    weights
        Symmetric weights of a graph, shape ``(images, images)``.
    labels
        Clusters, integers from 0.
    n_types
        Number of clusters to stop at.

    Returns
    -------
    Types, integers from 0 (the largest) by size.

    Examples
    --------
    >>> weights = sparse.csr_matrix([[0, 1, 3], [1, 0, 1], [3, 1, 0]])
    >>> merge_connected(weights, np.array([0, 1, 2]), 2)
    array([0, 1, 0])
    """
    members = sparse.csr_matrix((np.ones(len(labels)), (np.arange(len(labels)), labels)))
    between, size = (members.T @ weights @ members).toarray(), np.bincount(labels).astype(float)
    labels = labels.copy()
    while np.count_nonzero(size) > n_types:
        average = np.triu(between, 1) / np.outer(size, size).clip(1)
        average[size == 0], average[:, size == 0] = -1, -1
        kept, merged = np.unravel_index(np.triu(average + 1, 1).argmax(), average.shape)
        between[kept] += between[merged]
        between[:, kept] += between[:, merged]
        size[kept], size[merged], labels[labels == merged] = size[kept] + size[merged], 0, kept
    return numbered_by_size(labels)
