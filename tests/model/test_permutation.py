import numpy as np
from scipy.stats import kstest

from mixvi.model.association import centre, unit, whiten
from mixvi.model.permutation import (
    Fold,
    correlations,
    false_discovery_rates,
    multiple_correlation,
    p_values,
    permuted_correlations,
)


def fold(whitened, values):
    return [Fold(whitened, values, np.arange(values.shape[1]))], values.shape[1]


def correlated(n_cells, n_genes, rng, strength):
    """Two states and genes, the first ten of which follow their difference."""
    states = rng.standard_normal((n_cells, 2))
    values = rng.standard_normal((n_cells, n_genes))
    values[:, :10] += strength * (states[:, :1] - states[:, 1:])
    one = np.zeros(n_cells, int)
    return fold(whiten(centre(states, one)), unit(centre(values, one)))


def test_multiple_correlation_is_that_of_a_regression_and_ignores_rotation():
    rng = np.random.default_rng(0)
    states, values = rng.standard_normal((60, 3)), rng.standard_normal((60, 5))
    values[:, 0] += states @ [1, -2, 0]
    one = np.zeros(60, int)
    design = np.c_[np.ones(60), states]
    fitted = design @ np.linalg.lstsq(design, values)[0]
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(fitted.T, values.T, strict=True)]
    for mixing in (np.eye(3), rng.standard_normal((3, 3))):
        whitened = whiten(centre(states @ mixing, one))
        found = multiple_correlation(correlations(*fold(whitened, unit(centre(values, one)))))
        np.testing.assert_allclose(found, expected, atol=1e-10)


def test_each_fold_tests_its_own_genes():
    state, other = np.array([[1.0], [-1.0]]) / np.sqrt(2), np.array([[-1.0], [1.0]]) / np.sqrt(2)
    folds = [Fold(state, state, np.array([0])), Fold(other, state, np.array([1]))]
    np.testing.assert_allclose(correlations(folds, 3), [[1, -1, 0]])
    np.testing.assert_allclose(correlations(folds, 3, np.array([1, 0])), [[-1, 1, 0]])


def test_permutations_take_turns_over_the_rounds():
    rng = np.random.default_rng(0)
    (first,), n_genes = correlated(30, 12, rng, strength=0)
    second = Fold(np.zeros_like(first.whitened), first.values, first.genes)
    null = permuted_correlations([[first], [second]], n_genes, np.zeros(30, int), 4, rng)
    assert (null[::2] > 0).all() and not null[1::2].any()


def test_p_values_are_uniform_when_nothing_follows_the_state():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(20):
        folds, n_genes = correlated(40, 30, rng, strength=0)
        null = permuted_correlations([folds], n_genes, np.zeros(40, int), 99, rng)
        p.append(p_values(multiple_correlation(correlations(folds, n_genes)), null))
    p = np.concatenate(p) - rng.random(600) / 100  # p-values of 99 permutations are multiples of 1/100
    assert kstest(p, "uniform").pvalue > 0.01


def test_false_discovery_rate_by_hand():
    observed = np.array([5.0, 1.0, 3.0])
    null = np.array([[0.0, 2.0, 4.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    # reached by permutation, and with the observed order: 0+1, 3+3, 1+2 of 4 orders; found 1, 3, 2
    np.testing.assert_allclose(false_discovery_rates(observed, null), [1 / 4, 6 / 4 / 3, 3 / 4 / 2])


def test_false_discovery_rate_is_kept():
    rng = np.random.default_rng(0)
    shares, found = [], []
    for _ in range(20):
        folds, n_genes = correlated(100, 110, rng, strength=0.4)
        null = permuted_correlations([folds], n_genes, np.zeros(100, int), 200, rng)
        chosen = false_discovery_rates(multiple_correlation(correlations(folds, n_genes)), null) < 0.1
        shares.append(chosen[10:].sum() / max(1, chosen.sum()))
        found.append(chosen[:10].mean())
    assert np.mean(shares) < 0.13
    assert np.mean(found) > 0.8


def test_states_are_permuted_within_batches():
    rng = np.random.default_rng(0)
    batch = np.repeat([0, 1], 50)
    shift = 5.0 * batch[:, None]
    whitened = whiten(centre(rng.standard_normal((100, 1)) + shift, np.zeros(100, int)))
    values = unit(centre(rng.standard_normal((100, 20)) + shift, np.zeros(100, int)))
    folds, n_genes = fold(whitened, values)
    kept = permuted_correlations([folds], n_genes, batch, 20, rng)
    dealt = permuted_correlations([folds], n_genes, np.zeros(100, int), 20, rng)
    assert kept.min() > 0.7  # the batches still explain both
    assert dealt.max() < 0.5
