"""Small data with known truth, and real data where it is to be had."""

import os
from collections.abc import Callable
from pathlib import Path

import matplotlib
import pytest
import scanpy as sc
import torch
from anndata import AnnData

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states

matplotlib.use("Agg")
torch.set_num_threads(1)
os.environ.setdefault("MKL_CBWR", "AVX2,STRICT")  # read at its first product: the same sums in every process


def three_types() -> AnnData:
    """120 cells of 3 types."""
    return simulate_types_and_states([60, 40, 20], n_genes=60)


@pytest.fixture
def small() -> AnnData:
    """120 cells of 3 types, for tests that change the cells."""
    return three_types()


@pytest.fixture
def log_normalised() -> Callable[[AnnData], AnnData]:
    """Makes log-normalised copies of counts."""

    def normalise(adata: AnnData) -> AnnData:
        adata = adata.copy()
        sc.pp.normalize_total(adata, target_sum=1e4)
        sc.pp.log1p(adata)
        return adata

    return normalise


@pytest.fixture(scope="session")
def fitted() -> Callable[..., CplMixVI]:
    """Sets cells up, builds a model and trains it, for three epochs unless told otherwise."""

    def fit(adata: AnnData, max_epochs: int | None = 3, setup: dict | None = None, **kwargs) -> CplMixVI:
        CplMixVI.setup_anndata(adata, **(setup or {}))
        model = CplMixVI(adata, **kwargs)
        model.train(max_epochs=max_epochs, enable_progress_bar=False)
        return model

    return fit


@pytest.fixture(scope="session")
def trained(fitted) -> CplMixVI:
    """A model of 120 cells of 3 types, for tests that only look."""
    return fitted(three_types(), n_categories=3, max_epochs=30)


@pytest.fixture
def data_dir() -> Path:
    """Folder with real data sets."""
    folder = os.environ.get("MIXVI_DATA_DIR")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MIXVI_DATA_DIR names no folder with the real data sets")
    return Path(folder)
