"""Where training on images begins: types found on a graph of images that are near each other, without labels."""

import numpy as np
import scanpy as sc
import torch
import torch.nn.functional as F
from anndata import AnnData
from scipy import sparse
from torch import Tensor, nn

from mixvi.similarity import AffineNeighbours, PrincipalDirections, pose_free
from mixvi.train.gap import numbered_by_size
from mixvi.train.start import leiden_clusters

RESOLUTION = 1.0
TEMPERATURE = 0.05  # of the votes, in units of the cosine


class NearestTypes(nn.Module):
    """A partition of some images, extended to all images by a vote that near images dominate.

    Parameters
    ----------
    x
        The images, shape ``(images, pixels)``.
    labels
        Their types, integers from 0.
    pose_of
        ``(h, w)`` or ``(h, w, channels)`` if images are near whatever their pose, see
        :func:`~mixvi.similarity.pose_free`.
    """

    def __init__(self, x: Tensor, labels: np.ndarray, pose_of: tuple[int, ...] | None = None):
        super().__init__()
        self.pose_of = pose_of
        features = self._features(x)
        self.directions = PrincipalDirections(features)
        self.register_buffer("reference", self.directions(features))
        self.register_buffer("one_hot", F.one_hot(torch.as_tensor(labels)).float())

    def _features(self, x: Tensor) -> Tensor:
        """What is compared of images ``(images, pixels)``."""
        return x if self.pose_of is None else pose_free(x, self.pose_of)

    @torch.no_grad()
    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        """Types of the images ``(images, pixels)``, of whatever batch: integers ``(images,)``."""
        cosine = self.directions(self._features(x)) @ self.reference.T
        return (torch.softmax(cosine / TEMPERATURE, 1) @ self.one_hot).argmax(-1)


def image_types(
    x: Tensor,
    image_shape: tuple[int, ...],
    seed: int,
    n_types: int | None = None,
    max_types: int | None = None,
    any_pose: bool = False,
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
    any_pose
        Neighbours are near whatever their place, size and turn, not under small maps alone.

    Returns
    -------
    Integer labels from 0 (the largest type) by size, shape ``(images,)``.
    """
    graph = AnnData((pose_free(x, image_shape) if any_pose else x).cpu().numpy())
    nearest = "sklearn" if any_pose else AffineNeighbours(image_shape, seed=seed)
    sc.pp.neighbors(graph, use_rep="X", transformer=nearest, random_state=seed)
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
