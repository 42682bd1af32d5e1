import numpy as np
import pytest
import torch
from scipy import sparse

from mixvi import CplMixVI
from mixvi.loading import CellBatches, CellSplitter, ShuffledCells
from mixvi.nn import SparseCells

KINDS = ["h5ad", "zarr", "backed", "dense"]


@pytest.fixture
def cells_in_file(small, in_file):
    """120 cells, whose number is in a covariate, and their values."""

    def make(kind: str):
        small.obs["number"] = np.arange(small.n_obs, dtype=float)
        cells = small if kind == "memory" else in_file(small, kind)
        CplMixVI.setup_anndata(cells, continuous_covariate_keys=["number"])
        return CplMixVI(cells).adata_manager, small.X.toarray() if sparse.issparse(small.X) else small.X

    return make


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("mixvi.loading.splitter.BLOCK_CELLS", 5)
    monkeypatch.setattr("mixvi.loading.splitter.MIXED_CELLS", 40)


def numbers(batches) -> list[np.ndarray]:
    """Which cells each batch holds."""
    return [tensors["extra_continuous_covs"][:, 0].numpy().astype(int) for tensors in batches]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("drop_last", [True, False])
def test_a_pass_shows_every_cell_once(kind, drop_last, cells_in_file, small_blocks):
    manager, values = cells_in_file(kind)
    index = np.random.default_rng(0).permutation(120)[:103]
    loader = ShuffledCells(manager, index, 16, drop_last)
    batches = list(loader)
    assert len(batches) == len(loader) == (6 if drop_last else 7)
    seen = np.concatenate(numbers(batches))
    assert len(set(seen)) == len(seen) == (96 if drop_last else 103) and set(seen) <= set(index)
    for cells, tensors in zip(numbers(batches), batches, strict=True):
        assert np.array_equal(tensors["X"].numpy(), values[cells])


def test_order_is_new_in_every_pass_and_follows_from_the_seed(cells_in_file, small_blocks):
    manager, _ = cells_in_file("h5ad")
    loader, passes = ShuffledCells(manager, np.arange(120), 16), []
    for seed in (0, 0):
        torch.manual_seed(seed)
        passes += [np.concatenate(numbers(loader)) for _ in range(2)]
    assert np.array_equal(passes[0], passes[2]) and np.array_equal(passes[1], passes[3])
    assert not np.array_equal(passes[0], passes[1])
    spread = [np.ptp(batch) for batch in numbers(loader)]
    assert np.mean(spread) > 60  # batches hold cells from all over the file
    assert np.mean([np.abs(np.diff(batch)).mean() for batch in numbers(loader)]) > 20


def test_splitter_reads_files_in_blocks_and_leaves_memory_to_scvi_tools(cells_in_file, small):
    manager, _ = cells_in_file("zarr")
    split = [np.arange(100)[::-1].copy(), np.array([110, 105]), np.setdiff1d(np.arange(100, 120), [105, 110])]
    splitter = CellSplitter(manager, external_indexing=split, batch_size=32)
    splitter.setup()
    assert isinstance(splitter.train_dataloader(), ShuffledCells)
    assert isinstance(splitter.val_dataloader(), CellBatches)
    assert numbers(splitter.val_dataloader())[0].tolist() == [105, 110]
    CplMixVI.setup_anndata(small)
    splitter = CellSplitter(CplMixVI(small).adata_manager, external_indexing=split, batch_size=32)
    splitter.setup()
    assert isinstance(splitter.train_dataloader(), torch.utils.data.DataLoader)


@pytest.mark.parametrize("kind", ["memory", "h5ad", "zarr", "backed"])
def test_cells_stay_sparse_where_the_module_takes_them_so(kind, cells_in_file, monkeypatch):
    monkeypatch.setattr("mixvi.loading.splitter.DENSE", 1.1)  # the simulated cells have few zeros
    monkeypatch.setattr("mixvi.loading.batches.DENSE", 1.1)
    manager, values = cells_in_file(kind)
    splitter = CellSplitter(manager, external_indexing=[np.arange(100), np.arange(100, 120)], keep_sparse=True)
    splitter.setup()
    for loader, n_cells in ((splitter.train_dataloader(), 100), (splitter.val_dataloader(), 20)):
        (batch,) = (splitter.on_after_batch_transfer(batch, 0) for batch in loader)
        assert isinstance(batch["X"], SparseCells)
        assert np.array_equal(batch["X"].dense().numpy(), values[numbers([batch])[0]])
        assert len(batch["X"]) == n_cells


def test_cells_with_few_zeros_or_repeated_places_are_dense(cells_in_file):
    manager, values = cells_in_file("memory")
    sparse_enough = sparse.csr_matrix(values * (values > values.max() - 1))
    repeated = sparse.csr_matrix((np.ones(4, np.float32), [0, 0, 1, 2], [0, 4] + [4] * 119), values.shape)
    for matrix, stay_sparse in ((values, False), (manager.adata.X, False), (sparse_enough, True), (repeated, False)):
        manager.adata.X = matrix
        splitter = CellSplitter(manager, external_indexing=[np.arange(120)], batch_size=120, keep_sparse=True)
        splitter.setup()
        (batch,) = (splitter.on_after_batch_transfer(batch, 0) for batch in splitter.train_dataloader())
        assert isinstance(batch["X"], SparseCells) == stay_sparse
