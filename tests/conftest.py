"""Small data with known truth, and real data where it is to be had."""

import os
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import scanpy as sc
import torch
from anndata import AnnData
from scipy import sparse

from mixvi import CplMixVI

matplotlib.use("Agg")
torch.set_num_threads(1)

QUIET = {"enable_progress_bar": False}


def planted_cells(sizes: list[int], n_genes: int = 200, n_batches: int = 1, seed: int = 0) -> AnnData:
    """Negative-binomial counts of types with marker genes and, in every type, one continuous programme.

    ``.obs["type"]`` and ``.obs["state"]`` (standard normal) are the truth; ``.obs["batch"]`` shifts some genes.
    """
    rng = np.random.default_rng(seed)
    n_types, n_cells = len(sizes), sum(sizes)
    kind = rng.permutation(np.repeat(np.arange(n_types), sizes))
    state, batch = rng.standard_normal(n_cells), rng.integers(n_batches, size=n_cells)
    log_rate = rng.normal(0, 1, n_genes)[None].repeat(n_cells, 0)
    for t in range(n_types):
        markers = rng.choice(n_genes, n_genes // 10, replace=False)
        log_rate[np.ix_(kind == t, markers)] += 2.5
    programme = np.zeros(n_genes)
    programme[rng.choice(n_genes, n_genes // 5, replace=False)] = rng.choice([-0.7, 0.7], n_genes // 5)
    log_rate += state[:, None] * programme
    log_rate += (batch[:, None] * rng.normal(0, 0.3, n_genes)) if n_batches > 1 else 0
    share = np.exp(log_rate) / np.exp(log_rate).sum(1, keepdims=True)
    mean = share * rng.lognormal(np.log(2000), 0.4, n_cells)[:, None]
    counts = rng.poisson(rng.gamma(10, mean / 10)).astype(np.float32)
    adata = AnnData(sparse.csr_matrix(counts))
    adata.obs_names, adata.var_names = [f"cell{i}" for i in range(n_cells)], [f"gene{i}" for i in range(n_genes)]
    adata.obs["type"], adata.obs["state"] = kind.astype(str), state
    adata.obs["batch"] = batch.astype(str)
    return adata[:, counts.sum(0) > 0].copy()


def log_normalised(adata: AnnData) -> AnnData:
    """The same cells, normalised to 10,000 counts and logarithmised."""
    adata = adata.copy()
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    return adata


def quick_model(adata: AnnData, max_epochs: int = 3, setup: dict | None = None, **kwargs) -> CplMixVI:
    """A model trained for a few epochs."""
    CplMixVI.setup_anndata(adata, **(setup or {}))
    model = CplMixVI(adata, **kwargs)
    model.train(max_epochs=max_epochs, **QUIET)
    return model


@pytest.fixture
def small() -> AnnData:
    """120 cells of 3 types, for tests that change the cells."""
    return planted_cells([60, 40, 20], n_genes=60)


@pytest.fixture(scope="session")
def trained() -> CplMixVI:
    """A model of 120 cells of 3 types, for tests that only look."""
    return quick_model(planted_cells([60, 40, 20], n_genes=60), n_categories=3, max_epochs=30)


@pytest.fixture
def data_dir() -> Path:
    """Folder with real data sets."""
    folder = os.environ.get("MIXVI_DATA_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MIXVI_DATA_DIR names no folder with the real data sets")
    return Path(folder)
