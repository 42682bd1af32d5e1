import numpy as np
import pytest
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS

from mixvi import MoESimVI
from mixvi.datasets import simulate_types_and_states
from mixvi.similarity import Similarity
from mixvi.train import PairSplitter


@pytest.fixture
def splitter():
    """Cells 0 to 79 are for training, in some order; each is linked with the next."""
    adata = simulate_types_and_states([60, 40], n_genes=30)
    MoESimVI.setup_anndata(adata)
    manager = MoESimVI(adata, n_categories=2).adata_manager
    links = sparse.csr_matrix(sparse.diags([1.0, 1.0], [-1, 1], shape=(100, 100)), dtype=np.float32)
    order = np.random.default_rng(0).permutation(80)
    split = [order, np.arange(80, 100)]
    made = PairSplitter(manager, similarity=Similarity(links), seed=0, batch_size=24, external_indexing=split)
    made.setup()
    return made, adata, links


def test_every_training_cell_comes_once_with_its_own_pairs(splitter):
    made, adata, links = splitter
    names = {tuple(row): cell for cell, row in enumerate(adata.X.toarray())}
    seen = []
    for batch in made.train_dataloader():
        cells = np.array([names[tuple(row)] for row in batch[REGISTRY_KEYS.X_KEY].numpy()])
        seen += cells.tolist()
        torch.testing.assert_close(batch["similarity"], torch.as_tensor(links[cells][:, cells].toarray()))
        assert not batch["informative"].diagonal().any()
    assert sorted(seen) == list(range(80))


def test_batches_are_of_equal_size_and_hold_neighbours(splitter):
    made, _, _ = splitter
    batches = list(made.train_dataloader())
    assert [len(batch["similarity"]) for batch in batches] == [27, 27, 26]
    links = sum(float(batch["similarity"].sum()) for batch in batches) / 80
    assert links > 1  # of at most two; a random batch of a third of the cells would have two thirds


def test_the_same_seed_gives_the_same_batches(splitter):
    made, _, _ = splitter
    first = list(made.batches)
    del made.__dict__["batches"]
    assert first == list(made.batches)
    assert first != list(made.batches)  # the next epoch
