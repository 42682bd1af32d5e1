import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixvi.metrics import average_maximum_posterior, category_divergence, posterior_log_ratio

P = [[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.4, 0.4, 0.2]]  # on average .4, .4, .2


def test_divergence_by_hand():
    expected = 0.4 * math.log(1.2) + 0.4 * math.log(1.2) + 0.2 * math.log(0.6)
    assert category_divergence(P) == pytest.approx(expected)
    assert category_divergence(P, prior=[0.4, 0.4, 0.2]) == pytest.approx(0)
    assert category_divergence(P, prior=[0.5, 0.25, 0.25]) == pytest.approx(
        0.4 * math.log(0.8) + 0.4 * math.log(1.6) + 0.2 * math.log(0.8)
    )
    assert category_divergence(np.eye(115)[np.zeros(9, int)]) == pytest.approx(math.log(115))  # one of all


@given(st.integers(2, 8), st.integers(0, 1000))
def test_divergence_is_between_0_and_log_k(n_categories, seed):
    p = np.random.default_rng(seed).dirichlet(np.full(n_categories, 0.2), 5)
    assert -1e-12 <= category_divergence(p) <= math.log(n_categories)


def test_amp_by_hand():
    assert average_maximum_posterior(P) == pytest.approx((0.7 + 0.6 + 0.4) / 3)
    assert average_maximum_posterior(P, per="category") == pytest.approx((0.7 + 0.6 + 0.3) / 3)


def test_log_ratio_by_hand():
    assert posterior_log_ratio(P) == pytest.approx(math.log(1.7 / 0.4))
    assert posterior_log_ratio(np.eye(3)) == math.inf
    assert posterior_log_ratio(np.full((2, 4), 0.25)) == pytest.approx(0)


@pytest.mark.parametrize("wrong", [[0.5, 0.5], [[0.5, 0.6]], [[1.5, -0.5]]])
def test_what_are_no_probabilities(wrong):
    for metric in (category_divergence, average_maximum_posterior, posterior_log_ratio):
        with pytest.raises(ValueError, match="cells × categories"):
            metric(wrong)


def test_arguments_out_of_their_range():
    with pytest.raises(ValueError, match="prior must be 3"):
        category_divergence(P, prior=[0.5, 0.5, 0.0])
    with pytest.raises(ValueError, match="per='mean'"):
        average_maximum_posterior(P, per="mean")
