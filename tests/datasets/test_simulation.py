import numpy as np

from mixvi.datasets import simulate_types_and_states


def test_the_truth_is_in_the_cells():
    adata = simulate_types_and_states([300, 100], n_genes=80, n_batches=2)
    assert adata.obs["type"].value_counts().to_dict() == {"0": 300, "1": 100}
    assert set(adata.obs["batch"]) == {"0", "1"}
    counts = adata.X.toarray()
    assert (counts == counts.round()).all()
    share = counts / counts.sum(1, keepdims=True)
    slope = np.array([np.corrcoef(np.log(gene + 1e-4), adata.obs["state"])[0, 1] for gene in share.T])
    assert np.corrcoef(slope, adata.var["programme"])[0, 1] > 0.9


def test_the_same_seed_gives_the_same_cells():
    first, again, other = (simulate_types_and_states([20, 10], seed=seed).X for seed in (1, 1, 2))
    assert (first != again).nnz == 0
    assert first.shape != other.shape or (first != other).nnz > 0
