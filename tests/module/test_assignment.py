import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from mixvi.module import assign_categories


def objective(cost, category, crowding):
    size = np.bincount(category, minlength=cost.shape[1])
    return cost[np.arange(len(cost)), category].sum() + crowding * (size * (size - 1) / 2).sum()


@given(
    st.integers(1, 6),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.01, 0.3, 1.0, 5.0]),
    st.booleans(),
    st.integers(0, 10_000),
)
@settings(max_examples=60, deadline=None)
def test_no_assignment_is_better(n_cells, n_categories, crowding, ties, seed):
    cost = np.random.default_rng(seed).normal(size=(n_cells, n_categories))
    cost = np.round(cost) if ties else cost
    every = itertools.product(range(n_categories), repeat=n_cells)
    best = min(objective(cost, np.array(category), crowding) for category in every)
    assert objective(cost, assign_categories(cost, crowding), crowding) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 30.0])
@pytest.mark.parametrize("crowding", [0.001, 0.1, 2.0])
def test_it_is_the_assignment_problem_with_columns_for_every_place(scale, crowding):
    cost = scale * np.random.default_rng(0).gamma(1.0, size=(60, 7))
    places = (cost[:, :, None] + crowding * np.arange(60)).reshape(60, -1)  # the n-th place costs n − 1 times more
    rows, columns = linear_sum_assignment(places)
    found = objective(cost, assign_categories(cost, crowding), crowding)
    assert found == pytest.approx(places[rows, columns].sum(), rel=1e-9)


def test_extremes():
    cost = np.random.default_rng(1).normal(size=(40, 5))
    assert assign_categories(cost, 0.0).tolist() == cost.argmin(1).tolist()
    assert np.bincount(assign_categories(cost, 1e6)).tolist() == [8] * 5
    assert np.bincount(assign_categories(np.ones((12, 4)), 0.5)).tolist() == [3] * 4


def test_large_costs_lose_no_precision_that_matters():
    cost = np.random.default_rng(2).normal(size=(50, 6))
    far = cost + 1e6 * np.random.default_rng(3).random((50, 1))
    found = objective(cost, assign_categories(far, 0.2), 0.2)
    assert found == pytest.approx(objective(cost, assign_categories(cost, 0.2), 0.2), abs=1e-6)
