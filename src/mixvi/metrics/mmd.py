"""How far two samples are from being drawn from the same distribution."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import rbf_kernel

from mixvi.arguments import check_whole

CHUNK = 1000  # rows of the kernel held at once


def mmd(x: np.ndarray, y: np.ndarray, bandwidth: float | None = None, unbiased: bool = True) -> float:
    """Squared maximum mean discrepancy with a Gaussian kernel (Gretton et al. 2008, Eq. 3 and 5).

    Memory grows with the number of samples, time with its square.

    Parameters
    ----------
    x, y
        Two samples, shapes ``(n, dimensions)`` and ``(m, dimensions)``.
    bandwidth
        Standard deviation σ of the kernel exp(−‖a − b‖² / 2σ²), in units of the samples; if None,
        :func:`median_distance` of both together.
    unbiased
        Leave out pairs of a sample with itself: 0 on average for equal distributions, and sometimes below 0. Otherwise
        never below 0, and above 0 on average.

    Returns
    -------
    MMD².

    Raises
    ------
    ValueError
        If a sample has fewer than two rows, or the bandwidth is not above 0.

    Examples
    --------
    >>> x, y = np.zeros((2, 1)), np.full((2, 1), 100.0)
    >>> mmd(x, y, bandwidth=1.0), mmd(x, x, bandwidth=1.0)
    (2.0, 0.0)
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.ndim != 2 or x.shape[1:] != y.shape[1:] or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(
            f"Samples have shapes {x.shape} and {y.shape}: finite values of the same dimensions are needed, a row each."
        )
    if min(len(x), len(y)) < 2:
        raise ValueError(f"Samples of {len(x)} and {len(y)} are too small: two are needed of each.")
    if bandwidth is None:
        bandwidth = median_distance(np.concatenate([x, y]))
    if not bandwidth > 0:
        raise ValueError(f"bandwidth={bandwidth} must be above 0.")
    gamma = 0.5 / bandwidth**2
    within = [_mean_kernel(z, z, gamma) for z in (x, y)]
    if unbiased:
        within = [(len(z) * mean - 1) / (len(z) - 1) for z, mean in zip((x, y), within, strict=True)]
    return float(sum(within) - 2 * _mean_kernel(x, y, gamma))


def median_distance(x: np.ndarray, most: int = 2000, seed: int = 0) -> float:
    """Median Euclidean distance between different samples, the usual bandwidth.

    Parameters
    ----------
    x
        Samples, shape ``(n, dimensions)``.
    most
        So many random samples at most are looked at.
    seed
        Seed of their choice.

    Returns
    -------
    The median, in units of ``x``.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    Examples
    --------
    >>> median_distance(np.array([[0.0], [1.0], [5.0]]))
    4.0
    """
    if np.ndim(x) != 2 or len(x) < 2:
        raise ValueError(f"x must hold two or more samples, a row each, not be of shape {np.shape(x)}.")
    if len(x) > most:
        x = x[np.random.default_rng(seed).choice(len(x), most, replace=False)]
    return float(np.median(pdist(x)))


def cluster_mmd(latent: np.ndarray, types: np.ndarray, n_samples: int = 1000, seed: int = 0) -> pd.DataFrame:
    """MMD test statistic of each pair of clusters, and of each cluster against itself (MoE-Sim-VAE, section 4.1).

    The statistic is m · MMD² (unbiased, Gretton et al. 2008) of m cells of either cluster; of a cluster against itself
    the cells are different ones. Clusters that are apart have large values off the diagonal and about 0 on it. All
    clusters give the same number of cells and share one bandwidth, the median distance among all cells that are drawn.

    Parameters
    ----------
    latent
        Latent cells, shape ``(cells, dimensions)``.
    types
        Cluster of each cell, shape ``(cells,)``.
    n_samples
        m, at most; never more than half of the smallest cluster.
    seed
        Seed of the cells that are drawn.

    Returns
    -------
    Symmetric table, clusters × clusters; ``.attrs["n_samples"]`` is m.

    Raises
    ------
    ValueError
        If a cluster has fewer than four cells.

    Examples
    --------
    >>> latent = np.concatenate([np.zeros((8, 1)), np.full((8, 1), 9.0)])
    >>> cluster_mmd(latent, np.repeat([0, 1], 8)).round(2).to_numpy()
    array([[0.  , 3.15],
           [3.15, 0.  ]])
    """
    check_whole(least=2, n_samples=n_samples)
    if len(latent) != len(types):
        raise ValueError(f"There are {len(latent)} latent cells and types of {len(types)}.")
    rng = np.random.default_rng(seed)
    names, sizes = np.unique(types, return_counts=True)
    m = min(n_samples, sizes.min() // 2)
    if m < 2:
        raise ValueError(f"Cluster {names[sizes.argmin()]} has {sizes.min()} cells; four are needed.")
    drawn = [rng.permutation(np.flatnonzero(types == name))[: 2 * m].reshape(2, m) for name in names]
    bandwidth = median_distance(latent[np.concatenate(drawn, axis=None)], seed=seed)
    table = pd.DataFrame(0.0, index=names, columns=names)
    for i, one in enumerate(drawn):
        for j, other in enumerate(drawn[: i + 1]):
            table.iloc[i, j] = table.iloc[j, i] = m * mmd(latent[one[0]], latent[other[1]], bandwidth)
    table.attrs["n_samples"] = int(m)
    return table


def _mean_kernel(x: np.ndarray, y: np.ndarray, gamma: float) -> float:
    """Mean of the kernel over all pairs, ``CHUNK`` rows at a time."""
    sums = (rbf_kernel(x[first : first + CHUNK], y, gamma).sum() for first in range(0, len(x), CHUNK))
    return float(sum(sums)) / (len(x) * len(y))
