import numpy as np
import pytest

from mixvi.datasets import SimulationParameters, simulate_types_and_states


def shares(adata) -> np.ndarray:
    counts = adata.X.toarray()
    return counts / counts.sum(1, keepdims=True)


def test_the_truth_is_in_the_cells():
    adata = simulate_types_and_states([300, 100], n_genes=80, n_batches=2)
    assert adata.obs["type"].value_counts().to_dict() == {"0": 300, "1": 100}
    assert set(adata.obs["batch"]) == {"0", "1"}
    counts = adata.X.toarray()
    assert (counts == counts.round()).all()
    slope = [np.corrcoef(np.log(gene + 1e-4), adata.obs["state"])[0, 1] for gene in shares(adata).T]
    assert np.corrcoef(slope, adata.varm["slopes"][:, 0, 0])[0, 1] > 0.9


def test_genes_do_what_their_kind_says():
    adata = simulate_types_and_states([800, 800], n_genes=200, n_states=2, responding=0.5, seed=3)
    kind, slopes, effects = adata.var["kind"].to_numpy(), adata.varm["slopes"], adata.varm["effects"]
    assert (effects.any(1) == (kind == "marker")).all()
    assert not slopes[kind != "activity"].any()
    assert 0.3 < (slopes[kind == "activity"] != 0).any(2).mean() < 0.7
    share, first = np.log(shares(adata) + 1e-4), (adata.obs["type"] == "0").to_numpy()
    expressed = adata.X.toarray().mean(0) > 3
    for t, cells in enumerate((first, ~first)):
        for s in range(2):
            measured = np.array([np.polyfit(adata.obsm["states"][cells, s], gene, 1)[0] for gene in share[cells].T])
            assert np.abs(measured - slopes[:, t, s])[expressed].max() < 0.35
    fold = share[first].mean(0) - share[~first].mean(0)
    expected = effects[:, 0] - effects[:, 1]
    assert np.corrcoef(fold[expressed], expected[expressed])[0, 1] > 0.95


def test_relatives_are_alike():
    adata = simulate_types_and_states([40] * 30, n_genes=1000, closest=0.05)
    profile = np.array([np.log(shares(adata)[adata.obs["type"] == str(k)].mean(0) + 1e-5) for k in range(30)])
    distance = np.linalg.norm(profile[:, None] - profile, axis=2)
    first, second = adata.uns["taxonomy"][0, :2].astype(int)
    assert distance[first, second] < 0.5 * np.median(distance)
    n_levels = [adata.obs[level].nunique() for level in ("class", "subclass", "type")]
    assert n_levels[0] > 1
    assert sorted(set(n_levels)) == n_levels
    for lower, upper in (("type", "subclass"), ("subclass", "class")):
        assert (adata.obs.groupby(lower, observed=True)[upper].nunique() == 1).all()


def test_counts_have_the_depth_and_dispersion_asked_for():
    parameters = SimulationParameters(np.log(5000), 0.2, (0.0, 0.0), (0.3, 2.0))
    adata = simulate_types_and_states([4000], 50, parameters=parameters, marker_effect=0, state_effect=0)
    assert np.median(adata.X.toarray().sum(1)) == pytest.approx(5000, rel=0.05)
    mean, variance = 5000 / 50 * np.exp(0.02), adata.X.toarray().var(0).mean()
    from_depth = mean**2 * (np.exp(0.04) - 1)
    dispersion = 0.3 + 2 / 100
    assert variance == pytest.approx(mean + from_depth + dispersion * mean**2 * np.exp(0.04), rel=0.05)


def test_batches_shift_genes():
    def largest_shift(**kwargs) -> float:
        adata = simulate_types_and_states([600], n_genes=50, n_batches=2, **kwargs)
        first = adata.obs["batch"] == "0"
        return np.abs(np.log(shares(adata)[first].mean(0) / shares(adata)[~first].mean(0))).max()

    assert largest_shift(batch_effect=0) < 0.3 < 0.6 < largest_shift(batch_effect=0.6)


def test_the_same_seed_gives_the_same_cells():
    first, again, other = (simulate_types_and_states([20, 10], seed=seed).X for seed in (1, 1, 2))
    assert (first != again).nnz == 0
    assert first.shape != other.shape or (first != other).nnz > 0


def test_the_truth_can_be_written(tmp_path):
    adata = simulate_types_and_states([20, 10, 5], n_states=2)
    adata.write_h5ad(tmp_path / "cells.h5ad")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"type_sizes": []}, "type_sizes"),
        ({"type_sizes": [5, 0]}, "type_sizes"),
        ({"n_genes": 0}, "n_genes=0"),
        ({"n_batches": 0}, "n_batches=0"),
        ({"closest": 0}, "closest=0"),
        ({"responding": 1.5}, "responding=1.5"),
    ],
)
def test_numbers_out_of_range_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate_types_and_states(**{"type_sizes": [5, 5], **arguments})
