import numpy as np
import pytest
from scipy import sparse

from mixvi.model.association import HeldOut, centre, rank_genes, residuals, robust_depth, unit, whiten


def test_residuals_by_hand():
    x = np.array([[3.0, 1.0], [1.0, 3.0]])  # depth 4, shares ½: 2 expected, variance 2 + 4/100
    expected = np.array([[1, -1], [-1, 1]]) / np.sqrt(2.04)
    one = np.zeros(2, int)
    np.testing.assert_allclose(residuals(x, one, counts=True), expected, rtol=1e-6)
    np.testing.assert_allclose(residuals(sparse.csr_matrix(x), one, counts=True), expected, rtol=1e-6)
    np.testing.assert_allclose(residuals(x, one, counts=False), [[1, -1], [-1, 1]])


def test_residuals_do_not_follow_depth():
    rng = np.random.default_rng(0)
    depth = np.exp(rng.normal(7, 1, (2000, 1)))
    share = rng.dirichlet(np.ones(50), 1)
    x = rng.poisson(depth * share)
    values = residuals(x, np.zeros(2000, int), counts=True)
    r = np.array([np.corrcoef(np.log(depth[:, 0]), gene)[0, 1] for gene in values.T])
    assert np.abs(r).mean() < 0.04  # 1/√2000 = 0.02
    ranks = np.array([np.corrcoef(np.log(depth[:, 0]), np.log1p(gene))[0, 1] for gene in (x / depth).T])
    assert np.abs(ranks).mean() > np.abs(r).mean()  # as normalised values would


def test_genes_do_not_follow_an_abundant_one():
    rng = np.random.default_rng(0)
    rate = np.full((500, 101), 10.0)
    rate[:, 0] = 1000 * np.exp(rng.normal(0, 0.5, 500))  # half of all counts
    values = residuals(rng.poisson(rate), np.zeros(500, int), counts=True)
    r = np.corrcoef(values.T)[0, 1:]
    assert np.abs(r).max() < 5 / np.sqrt(500)


def test_depth_of_cells_that_count_nothing_but_abundant_genes():
    counts = np.array([[9.0, 0.0], [9.0, 1.0]])
    np.testing.assert_array_equal(robust_depth(counts), [[9], [10]])


def test_batches_have_no_mean_left():
    rng = np.random.default_rng(0)
    batch = rng.integers(3, size=60)
    x = rng.poisson(5.0 + 3 * batch[:, None], (60, 4))
    for counts in (True, False):
        values = residuals(x, batch, counts)
        for level in range(3):
            np.testing.assert_allclose(values[batch == level].mean(0), 0, atol=1e-5)


def test_whitening_leaves_out_what_does_not_vary():
    rng = np.random.default_rng(0)
    states = np.c_[rng.standard_normal(30), np.full(30, 2.0)]
    whitened = whiten(centre(states, np.zeros(30, int)))
    np.testing.assert_allclose(whitened.T @ whitened, [[1, 0], [0, 0]], atol=1e-9)
    assert not whiten(np.zeros((5, 2))).any()
    assert not unit(np.zeros((5, 2))).any()


@pytest.mark.parametrize("counts", [True, False])
def test_genes_that_follow_the_state_come_first(counts):
    rng = np.random.default_rng(0)
    state = rng.standard_normal((300, 2))
    log_rate = np.full((300, 100), 2.0)  # many genes, for the shares of all others make room for what rises
    log_rate[:, 3] += 0.5 * state.sum(1)
    log_rate[:, 7] -= 0.5 * state.sum(1)
    x = rng.poisson(np.exp(log_rate)).astype(float)
    genes = np.arange(100)
    data = HeldOut(np.zeros(300, int), state, np.zeros(300, int), x if counts else np.log1p(x), genes, counts)
    halves = [HeldOut(data.kind, state, data.batch, data.x, part, counts) for part in (genes[::2], genes[1::2])]
    names = np.array([f"gene{i}" for i in genes])
    index = np.arange(0, 300, 2)
    for parts in ([data], [data, data] if counts else halves):
        table = rank_genes(parts, index, names, 200, rng)
        assert set(table["gene"][:2]) == {"gene3", "gene7"}
        assert sorted(table["gene"]) == sorted(names)
        assert table["score"].is_monotonic_decreasing
        assert table["fdr"].is_monotonic_increasing
        assert (table["fdr"] < 0.01).sum() == 2
        r = table.set_index("gene")[["r_state0", "r_state1"]]
        assert (r.loc["gene3"] > 0.3).all()
        assert (r.loc["gene7"] < -0.3).all()
