import numpy as np
import pytest
import torch
from scipy import sparse

from mixvi import CplMixVI
from mixvi.loading import CellBatches
from mixvi.nn import SparseCells


@pytest.fixture
def manager(small):
    """Cells with batch and covariates, mostly zeros."""
    rng = np.random.default_rng(0)
    x = small.X.toarray() if sparse.issparse(small.X) else np.asarray(small.X)
    mostly_zero = x * (rng.random(x.shape) < 0.2)
    mostly_zero[np.arange(x.shape[1]) % len(x), np.arange(x.shape[1])] = 1
    mostly_zero[:, 0] = 1
    small.X = sparse.csr_matrix(mostly_zero.astype(np.float32))
    small.obs["donor"] = rng.choice(["a", "b"], small.n_obs)
    small.obs["sex"] = rng.choice(["f", "m"], small.n_obs)
    small.obs["quality"] = rng.random(small.n_obs)
    CplMixVI.setup_anndata(
        small, batch_key="donor", categorical_covariate_keys=["sex"], continuous_covariate_keys=["quality"]
    )
    return CplMixVI(small).adata_manager


def test_batches_are_those_of_scvi_tools(manager):
    from scvi.dataloaders import AnnDataLoader

    index = np.random.default_rng(1).permutation(manager.adata.n_obs)[:70]
    ours, theirs = CellBatches(manager, index, 32), AnnDataLoader(manager, indices=index, batch_size=32)
    assert len(ours) == len(theirs) == 3
    for mine, other in zip(ours, theirs, strict=True):
        assert set(mine) == set(other)
        for name, values in mine.items():
            other_values = torch.as_tensor(other[name])
            assert values.dtype == other_values.dtype and torch.equal(values, other_values)


def test_sparse_batches_hold_the_same_cells(manager):
    dense, kept = CellBatches(manager, None, 50), CellBatches(manager, None, 50, keep_sparse=True)
    for plain, tensors in zip(dense, kept, strict=True):
        assert isinstance(tensors["X"], SparseCells)
        assert torch.equal(tensors["X"].dense(), plain["X"])


def test_full_cells_are_dense(small):
    small.X = np.ones(small.shape, np.float32)
    CplMixVI.setup_anndata(small)
    (tensors,) = CellBatches(CplMixVI(small).adata_manager, None, 200, keep_sparse=True)
    assert isinstance(tensors["X"], torch.Tensor)
