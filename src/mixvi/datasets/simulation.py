"""Cells whose types and states are known."""

from collections.abc import Sequence

import numpy as np
from anndata import AnnData
from scipy import sparse

MARKER_SHARE, MARKER_EFFECT = 0.1, 2.5  # share of the genes that mark a type, and their log fold change
PROGRAMME_SHARE, PROGRAMME_EFFECT = 0.2, 0.7  # share of the genes that follow the state, and their log slope
BATCH_SD = 0.3  # standard deviation of a gene's log fold change between batches
DEPTH, DEPTH_SD = 2000, 0.4  # median counts of a cell, and standard deviation of their logarithm
INVERSE_DISPERSION = 10.0


def simulate_types_and_states(
    type_sizes: Sequence[int], n_genes: int = 200, n_batches: int = 1, seed: int = 0
) -> AnnData:
    """Simulate negative-binomial counts of discrete types, each with one continuous state.

    Every type has marker genes of its own. In every cell a programme of genes rises or falls with a standard normal
    state. Depth varies from cell to cell, batches shift all genes a little.

    Parameters
    ----------
    type_sizes
        Number of cells of each type.
    n_genes
        Number of genes; those that no cell expresses are left out.
    n_batches
        Number of batches.
    seed
        Seed.

    Returns
    -------
    Counts in ``.X`` (CSR); the truth in ``.obs["type"]``, ``.obs["state"]`` and ``.obs["batch"]``, and in
    ``.var["programme"]`` each gene's log slope with the state.

    Examples
    --------
    >>> simulate_types_and_states([50, 30, 20]).obs["type"].value_counts().to_list()
    [50, 30, 20]
    """
    rng = np.random.default_rng(seed)
    n_cells = sum(type_sizes)
    kind = rng.permutation(np.repeat(np.arange(len(type_sizes)), type_sizes))
    state, batch = rng.standard_normal(n_cells), rng.integers(n_batches, size=n_cells)

    log_rate = np.tile(rng.normal(0, 1, n_genes), (n_cells, 1))  # (cells, genes)
    for k in range(len(type_sizes)):
        markers = rng.choice(n_genes, int(MARKER_SHARE * n_genes), replace=False)
        log_rate[np.ix_(kind == k, markers)] += MARKER_EFFECT
    programme = np.zeros(n_genes)
    followers = rng.choice(n_genes, int(PROGRAMME_SHARE * n_genes), replace=False)
    programme[followers] = rng.choice([-PROGRAMME_EFFECT, PROGRAMME_EFFECT], len(followers))
    log_rate += state[:, None] * programme
    if n_batches > 1:
        log_rate += rng.normal(0, BATCH_SD, (n_batches, n_genes))[batch]

    share = np.exp(log_rate) / np.exp(log_rate).sum(1, keepdims=True)
    mean = share * rng.lognormal(np.log(DEPTH), DEPTH_SD, n_cells)[:, None]
    counts = rng.poisson(rng.gamma(INVERSE_DISPERSION, mean / INVERSE_DISPERSION)).astype(np.float32)

    adata = AnnData(sparse.csr_matrix(counts))
    adata.obs_names, adata.var_names = [f"cell{i}" for i in range(n_cells)], [f"gene{i}" for i in range(n_genes)]
    adata.obs["type"], adata.obs["state"], adata.obs["batch"] = kind.astype(str), state, batch.astype(str)
    adata.var["programme"] = programme
    return adata[:, counts.sum(0) > 0].copy()
