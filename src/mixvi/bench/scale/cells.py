"""Simulated cells of known types, written to a file part by part, so that their number is limited by the disk."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from anndata.io import sparse_dataset, write_elem
from scipy import sparse

N_TYPES = 20
MARKERS, FOLD = 0.04, 6.0  # share of the genes that mark a type, and how much more of them it has
DEPTH, DEPTH_SD = 590, 0.35  # median number of molecules, which leaves 90 % zeros among 5,000 genes
SLOTS = 2**17  # of a table of genes, each as often as it is expressed
PART = 20_000  # cells that are made together


def simulate_into(path: Path, n_cells: int, n_genes: int = 5000, seed: int = 0) -> dict:
    """Simulate counts, and write them to an ``.h5ad`` file with their types in ``.obs["label"]``.

    Parameters
    ----------
    path
        The file.
    n_cells, n_genes
        Its size.
    seed
        Seed.

    Returns
    -------
    The share of ``zeros``.
    """
    labels = np.random.default_rng([seed, 1]).choice(N_TYPES, n_cells, p=type_shares())
    obs = pd.DataFrame({"label": pd.Categorical(labels.astype(str))}, index=pd.RangeIndex(n_cells).astype(str))
    parts = simulated_parts(labels, n_genes, seed)
    AnnData(next(parts), obs.iloc[:PART], pd.DataFrame(index=[f"gene{g}" for g in range(n_genes)])).write_h5ad(path)
    with h5py.File(path, "r+") as file:
        for part in parts:
            sparse_dataset(file["X"]).append(part)
        write_elem(file, "obs", obs)
        return {"zeros": 1 - len(file["X/data"]) / (n_cells * n_genes)}


def simulated_parts(labels: np.ndarray, n_genes: int, seed: int) -> Iterator[sparse.csr_matrix]:
    """Counts of cells of given types, some thousand cells at a time.

    Parameters
    ----------
    labels
        Types of all cells, integers, shape ``(cells,)``.
    n_genes
        Number of genes.
    seed
        Seed.

    Yields
    ------
    Counts, shape ``(cells of the part, n_genes)``.
    """
    rng = np.random.default_rng([seed, 2])
    tables = [_table(shares) for shares in _shares_of_genes(n_genes, rng)]
    for first in range(0, len(labels), PART):
        types = labels[first : first + PART]
        depth = rng.lognormal(np.log(DEPTH), DEPTH_SD, len(types)).astype(int) + 10
        drawn = (tables[kind][rng.integers(len(tables[kind]), size=n)] for kind, n in zip(types, depth, strict=True))
        genes = np.concatenate(list(drawn))
        starts = np.concatenate([[0], depth.cumsum()])
        counts = sparse.csr_matrix((np.ones(len(genes), np.float32), genes, starts), (len(types), n_genes))
        counts.sum_duplicates()
        yield counts


def type_shares() -> np.ndarray:
    """Shares of the types, the largest ten times the smallest, ``(types,)``."""
    shares = np.geomspace(10, 1, N_TYPES)
    return shares / shares.sum()


def _shares_of_genes(n_genes: int, rng: np.random.Generator) -> np.ndarray:
    """Expected share of each gene in each type, ``(types, genes)``."""
    shares = np.tile(rng.gamma(0.6, size=n_genes) + 0.02, (N_TYPES, 1))
    shares[rng.random(shares.shape) < MARKERS] *= FOLD
    return shares / shares.sum(1, keepdims=True)


def _table(shares: np.ndarray) -> np.ndarray:
    """Genes, each at least once and about as often as its share of ``SLOTS``: a random row is a molecule."""
    return np.repeat(np.arange(len(shares), dtype=np.int32), np.maximum(1, np.rint(shares * SLOTS).astype(int)))
