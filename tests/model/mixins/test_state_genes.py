import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.metrics import average_precision_score

from mixvi.datasets import SimulationParameters, simulate_types_and_states


def test_planted_genes_are_found_in_each_type(active):
    result, adata = active.rank_state_genes(n_permutations=200), active.adata
    assert adata.uns["cpl_state_genes"] is result
    types = active.get_cell_types()
    for name, table in result.groupby("type", observed=True):
        true_type = int(adata.obs["type"][types == name].mode()[0])
        follows = adata.varm["slopes"][adata.var_names.get_indexer(table["gene"]), true_type, 0] != 0
        assert average_precision_score(follows, table["score"]) > 0.9
        assert (table["fdr"][follows] < 0.05).mean() > 0.9
        assert table["score"].is_monotonic_decreasing
        assert set(table["n_cells"]) == {(types == name).sum()}
        assert sorted(table["gene"]) == sorted(adata.var_names)


def test_noise_does_not_confirm_itself(fitted):
    noise = SimulationParameters(dispersion=(0.0, 0.0))  # counts are Poisson: their halves are independent
    adata = simulate_types_and_states([150, 150], n_genes=100, state_effect=0.0, parameters=noise, seed=1)
    table = fitted(adata, n_categories=2, max_epochs=30).rank_state_genes(n_permutations=99)
    p = table["pvalue"] - np.random.default_rng(0).random(len(table)) / 100
    assert kstest(p, "uniform", alternative="greater").pvalue > 0.01  # none too small
    assert table["fdr"].min() > 0.05


def test_values_that_are_not_counts(active_values):
    kind = active_values.adata.var["kind"]
    for _, table in active_values.rank_state_genes(n_permutations=20).groupby("type", observed=True):
        assert average_precision_score(kind[table["gene"]] == "activity", table["score"]) > 0.9
        assert sorted(table["gene"]) == sorted(kind.index)


def test_labels_and_small_groups(active):
    adata = active.adata.copy()
    adata.obs["mine"] = np.where(np.arange(adata.n_obs) < 10, "few", "many")
    table = active.rank_state_genes(adata, groupby="mine", n_permutations=5)
    assert set(table["type"]) == {"many"}
    with pytest.raises(ValueError, match="No type has 30 cells"):
        active.rank_state_genes(adata[:20].copy())


def test_bad_arguments(trained):
    with pytest.raises(ValueError, match="n_permutations=0 must be a whole number"):
        trained.rank_state_genes(n_permutations=0)
    with pytest.raises(ValueError, match="arm=7 does not exist"):
        trained.rank_state_genes(arm=7)
    with pytest.raises(KeyError, match="groupby='none'"):
        trained.rank_state_genes(groupby="none")
