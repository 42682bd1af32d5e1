import numpy as np
import pytest
import torch
from anndata import AnnData
from scipy import sparse
from scvi.data import AnnDataManager, fields
from torch.utils.data import DataLoader

from mixvi.similarity import NeighbourBatches, knn_graph


def ring(n_cells: int, reach: int = 4) -> sparse.csr_matrix:
    """Each cell is linked with the ``reach`` cells on either side."""
    ones = [np.ones(n_cells - step, np.float32) for step in range(1, reach + 1)]
    upper = sparse.diags(ones, range(1, reach + 1), shape=(n_cells, n_cells))
    return sparse.csr_matrix(upper + upper.T)


def linked_pairs(graph: sparse.csr_matrix, batches: list[list[int]]) -> float:
    return np.mean([graph[batch][:, batch].nnz / len(batch) for batch in batches])


def test_every_cell_comes_once_an_epoch_and_epochs_differ():
    sampler = NeighbourBatches(ring(103), 20)
    first, second = list(sampler), list(sampler)
    assert [len(batch) for batch in first] == [20] * 5 + [3]
    assert len(sampler) == 6
    for epoch in (first, second):
        assert sorted(cell for batch in epoch for cell in batch) == list(range(103))
    assert first != second


def test_the_same_seed_gives_the_same_epochs():
    one, same, other = (NeighbourBatches(ring(60), 8, seed=seed) for seed in (4, 4, 5))
    assert [list(one), list(one)] == [list(same), list(same)]
    assert list(one) != list(other)


def test_batches_hold_neighbours_where_random_ones_do_not():
    graph = ring(4000)
    random = np.random.default_rng(0).permutation(4000).reshape(-1, 100).tolist()
    batches = list(NeighbourBatches(graph, 100))
    assert linked_pairs(graph, random) < 0.4
    assert linked_pairs(graph, batches) > 1.5
    late = np.mean([linked_pairs(graph, [batch]) for batch in batches[-10:]])
    early = np.mean([linked_pairs(graph, [batch]) for batch in batches[:10]])
    assert 0.8 < late / early < 1.25  # cells whose neighbours were taken do not pile up at the end


def test_companions_are_limited():
    star = sparse.lil_matrix((50, 50), dtype=np.float32)
    star[0, 1:], star[1:, 0] = 1, 1
    sampler = NeighbourBatches(star.tocsr(), 5, n_companions=2)
    sizes = np.bincount(sampler._groups())
    assert sizes.max() <= 3
    assert sizes.sum() == 50


def test_companions_are_not_always_the_same():
    graph = ring(9, 8)  # all are linked
    batches = [batch for seed in range(40) for batch in NeighbourBatches(graph, 2, n_companions=1, seed=seed)]
    partners = {cell for batch in batches if 0 in batch for cell in batch} - {0}
    assert len(partners) > 5


def test_without_links_or_companions_batches_are_random():
    nothing = sparse.csr_matrix((30, 30), dtype=np.float32)
    for sampler in (NeighbourBatches(nothing, 7), NeighbourBatches(ring(30), 7, n_companions=0)):
        assert sorted(cell for batch in sampler for cell in batch) == list(range(30))


def test_it_feeds_a_loader_of_scvi_tools():
    adata = AnnData(np.arange(40, dtype=np.float32)[:, None] * np.ones(3, np.float32))
    manager = AnnDataManager([fields.LayerField("X", None)])
    manager.register_fields(adata)
    sampler = NeighbourBatches(knn_graph(adata.X, 3), 16, seed=2)
    loader = DataLoader(manager.create_torch_dataset(), sampler=sampler, batch_size=None)
    batches = [torch.as_tensor(batch["X"])[:, 0] for batch in loader]
    assert [len(batch) for batch in batches] == [16, 16, 8]
    assert torch.equal(torch.cat(batches).sort().values, torch.arange(40.0))


@pytest.mark.parametrize(("batch_size", "n_companions"), [(0, 3), (5, -1)])
def test_wrong_numbers_are_refused(batch_size, n_companions):
    with pytest.raises(ValueError, match="must be at least 1"):
        NeighbourBatches(ring(10), batch_size, n_companions)
