import tracemalloc

import numpy as np
import pytest

from mixvi.metrics import cluster_mmd, median_distance, mmd


def test_both_estimates_by_hand():
    # kernel exp(-d² / 2): k(0, 1) = a, k(0, 2) = b, k(1, 2) = a, k(0, 3) = c, k(1, 3) = b
    a, b, c = np.exp(-0.5 * np.array([1.0, 2.0, 3.0]) ** 2)
    x, y = np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])
    between = (b + c + a + b) / 4
    assert mmd(x, y, 1.0) == pytest.approx(a + a - 2 * between)
    assert mmd(x, y, 1.0, unbiased=False) == pytest.approx(2 * (2 + 2 * a) / 4 - 2 * between)


def test_samples_may_differ_in_size():
    # x: k(0, 1) = a only; y: 0 three times, so that its pairs are all 1; between: 3 · (1 + a) / 6
    a = np.exp(-1 / 8)
    x, y = np.array([[0.0], [1.0]]), np.zeros((3, 1))
    assert mmd(x, y, 2.0) == pytest.approx(a + 1 - (1 + a))
    assert mmd(x, y, 2.0, unbiased=False) == pytest.approx((1 + a) / 2 + 1 - (1 + a))


def test_the_unbiased_estimate_is_zero_on_average_and_the_biased_one_is_not():
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(150, 2, 20, 2))
    unbiased = np.array([mmd(x, y, 1.0) for x, y in samples])
    biased = np.array([mmd(x, y, 1.0, unbiased=False) for x, y in samples])
    assert abs(unbiased.mean()) < 4 * unbiased.std() / np.sqrt(150)
    assert (unbiased < 0).any()
    assert biased.min() > 0
    assert biased.mean() > 10 * abs(unbiased.mean())


def test_a_shift_is_found_and_the_bandwidth_follows_the_scale():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(200, 3)), rng.normal(size=(200, 3)) + 1
    assert mmd(x, y) > 0.1
    assert mmd(x, y) == pytest.approx(mmd(1000 * x, 1000 * y))
    assert median_distance(x) == pytest.approx(median_distance(x[::-1]))


def test_memory_grows_with_the_number_of_samples():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 5000, 2)).astype(np.float32)
    tracemalloc.start()
    value = mmd(x, y, 1.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 0.5 * 4 * 5000**2  # half of one kernel matrix in single precision
    assert abs(value) < 0.01


def test_clusters_that_are_apart():
    rng = np.random.default_rng(3)
    centres = np.array([[0.0, 0.0], [30.0, 0.0], [0.0, 0.5]])
    types = np.repeat(["far", "near", "same"], [200, 300, 400])
    place = {"same": 0, "far": 1, "near": 2}
    latent = rng.normal(size=(900, 2)) + centres[[place[name] for name in types]]
    table = cluster_mmd(latent, types)
    assert table.attrs["n_samples"] == 100
    assert (np.abs(np.diag(table)) < 3).all()
    np.testing.assert_array_equal(table, table.T)
    assert table.loc["far", "near"] > 50
    assert table.loc["far", "same"] > 50
    assert table.loc["near", "same"] < 20
    np.testing.assert_array_equal(table, cluster_mmd(latent, types))  # the seed is fixed
    assert not np.array_equal(table, cluster_mmd(latent, types, seed=1))


def test_the_cells_of_a_cluster_against_itself_are_different_ones():
    latent = np.arange(8.0)[:, None]
    table = cluster_mmd(latent, np.zeros(8))
    assert table.attrs["n_samples"] == 4
    assert table.to_numpy() != 0  # the same cells twice would give 4 · (mean within − mean with the diagonal) exactly
    same = 4 * mmd(latent[:4], latent[:4], 1.0)
    assert same < 0


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="too small"):
        mmd(np.zeros((1, 2)), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="bandwidth=0"):
        mmd(np.zeros((3, 2)), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="Cluster 1 has 3 cells"):
        cluster_mmd(np.zeros((8, 1)), np.array([0] * 5 + [1] * 3))
