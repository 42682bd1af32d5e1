import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.metrics import average_precision_score

from mixvi.datasets import simulate_types_and_states


@pytest.fixture(scope="module")
def active(fitted):
    """A model of two types with states that half of the activity genes follow, in two batches."""
    adata = simulate_types_and_states([300, 200], n_genes=150, n_batches=2, responding=0.5, seed=1)
    return fitted(adata, setup={"batch_key": "batch"}, n_categories=2, max_epochs=60)


@pytest.fixture(scope="module")
def idle(fitted):
    """A model of two types without states."""
    adata = simulate_types_and_states([200, 200], n_genes=150, state_effect=0.0, seed=1)
    return fitted(adata, n_categories=2, max_epochs=60)


def test_planted_genes_are_found_in_each_type(active):
    result, adata = active.rank_state_genes(n_permutations=200), active.adata
    assert adata.uns["cpl_state_genes"] is result
    types = active.get_cell_types()
    for name, table in result.groupby("type", observed=True):
        true_type = int(adata.obs["type"][types == name].mode()[0])
        follows = adata.varm["slopes"][adata.var_names.get_indexer(table["gene"]), true_type].any(1)
        assert average_precision_score(follows, table["score"]) > 0.9
        found = (table["fdr"] < 0.1).to_numpy()
        assert follows[found].mean() > 0.75
        assert table["score"].is_monotonic_decreasing
        assert set(table["n_cells"]) == {(types == name).sum()}
        assert sorted(table["gene"]) == sorted(adata.var_names)


def test_noise_does_not_confirm_itself(idle):
    table = idle.rank_state_genes(n_permutations=99)
    p = table["pvalue"] - np.random.default_rng(0).random(len(table)) / 100
    assert kstest(p, "uniform").pvalue > 0.001
    assert (table["fdr"] < 0.05).mean() < 0.02


def test_values_that_are_not_counts(fitted, log_normalised):
    adata = simulate_types_and_states([200, 100], n_genes=100, state_effect=1.0, seed=1)
    model = fitted(log_normalised(adata), n_categories=2, max_epochs=40)
    for name, table in model.rank_state_genes(n_permutations=20).groupby("type", observed=True):
        follows = adata.var["kind"][table["gene"]] == "activity"
        assert average_precision_score(follows, table["score"]) > 0.8, name


def test_labels_and_small_groups(active):
    adata = active.adata.copy()
    adata.obs["mine"] = np.where(np.arange(adata.n_obs) < 10, "few", "many")
    table = active.rank_state_genes(adata, groupby="mine", n_permutations=5)
    assert set(table["type"]) == {"many"}
    with pytest.raises(ValueError, match="No type has 30 cells"):
        active.rank_state_genes(adata[:20].copy())


def test_bad_arguments(trained):
    with pytest.raises(ValueError, match="n_permutations=0 must be at least 1"):
        trained.rank_state_genes(n_permutations=0)
    with pytest.raises(ValueError, match="arm=7 does not exist"):
        trained.rank_state_genes(arm=7)
    with pytest.raises(KeyError, match="groupby='none'"):
        trained.rank_state_genes(groupby="none")
