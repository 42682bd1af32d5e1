"""The size of a training step, and cells for it."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from anndata import AnnData

from mixvi.images import to_anndata


@dataclass(frozen=True)
class Size:
    """Sizes of data and model; the defaults are those of the papers' neurons.

    Parameters
    ----------
    n_arms, n_categories, n_state, n_hidden, n_bottleneck
        Of the model.
    n_cells, n_genes, zeros
        Of the data, with the share of zeros.
    batch_size
        Cells in a step.
    """

    n_arms: int = 2
    n_categories: int = 115
    n_state: int = 2
    n_hidden: int = 100
    n_bottleneck: int = 10
    n_cells: int = 8000
    n_genes: int = 5000
    zeros: float = 0.9
    batch_size: int = 1000


def random_counts(size: Size, seed: int = 0) -> AnnData:
    """Counts without any types, as sparse as asked for: only their number matters to the time of a step.

    Parameters
    ----------
    size
        Of which cells, genes and zeros are used.
    seed
        Of the random numbers.

    Returns
    -------
    Sparse counts of shape ``(n_cells, n_genes)``.

    Examples
    --------
    >>> random_counts(Size(n_cells=20, n_genes=50)).shape
    (20, 50)
    """
    rng = np.random.default_rng(seed)
    filled = max(1, round((1 - size.zeros) * size.n_genes))
    genes = np.concatenate([np.sort(rng.permutation(size.n_genes)[:filled]) for _ in range(size.n_cells)])
    counts = np.ceil(rng.gamma(0.7, 3.0, len(genes))).astype(np.float32)
    rows = np.arange(0, len(genes) + 1, filled)
    return AnnData(sp.csr_matrix((counts, genes, rows), (size.n_cells, size.n_genes)))


def random_images(size: Size, seed: int = 0) -> AnnData:
    """Square images of random pixels, one for each cell.

    Parameters
    ----------
    size, seed
        As for :func:`random_counts`; genes are pixels, and a square number of them is used.

    Returns
    -------
    Images in [0, 1].

    Examples
    --------
    >>> random_images(Size(n_cells=20, n_genes=784, zeros=0.8)).shape
    (20, 784)
    """
    rng, side = np.random.default_rng(seed), int(size.n_genes**0.5)
    pixels = rng.integers(1, 256, (size.n_cells, side, side), dtype=np.uint8)
    return to_anndata(np.where(rng.random(pixels.shape) < size.zeros, np.uint8(0), pixels))
