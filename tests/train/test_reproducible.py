import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from mixvi.datasets import simulate_types_and_states
from mixvi.nn import ExpressionProjection
from mixvi.train.reproducible import RESOLUTIONS, Clusterings, best_split, halved, reproducible_types


def types_of(adata, counts: bool = True, **kwargs) -> np.ndarray:
    x = torch.tensor(np.asarray(adata.X.toarray() if hasattr(adata.X, "toarray") else adata.X), dtype=torch.float32)
    projection = ExpressionProjection(adata.n_vars, 20, counts=counts)
    projection.fit(x)
    batch = adata.obs["batch"].astype("category").cat.codes.to_numpy()
    return reproducible_types(x, projection(x).numpy(), batch, counts, seed=0, **kwargs)


@pytest.mark.parametrize("seed", [0, 1])
def test_planted_types_are_found_not_their_states(seed):
    adata = simulate_types_and_states([200, 100, 50, 30], seed=seed)
    labels = types_of(adata)
    assert adjusted_rand_score(adata.obs["type"], labels) > 0.98
    assert (np.diff(np.bincount(labels)) <= 0).all()


def test_a_strong_state_is_not_cut_into_types():
    adata = simulate_types_and_states([300, 150], n_genes=200, state_effect=1.2)
    assert adjusted_rand_score(adata.obs["type"], types_of(adata)) > 0.98


def test_noise_is_two_types_at_least():
    noise = simulate_types_and_states([120], n_genes=100, state_effect=0.0)
    assert types_of(noise).max() >= 1


def test_genes_are_halved_where_values_are_not_counts(log_normalised):
    adata = log_normalised(simulate_types_and_states([150, 100, 50]))
    assert adjusted_rand_score(adata.obs["type"], types_of(adata, counts=False)) > 0.95


@pytest.mark.parametrize("n_types", [2, 5, 9])
def test_a_given_number_of_types(n_types):
    adata = simulate_types_and_states([150, 100, 50])
    assert len(np.unique(types_of(adata, n_types=n_types))) == n_types
    assert types_of(adata, max_types=2).max() <= 1


def test_halves_of_counts_add_up_and_are_independent():
    x = torch.poisson(torch.full((400, 50), 4.0), generator=torch.Generator().manual_seed(0))
    first, second = halved(x, counts=True, seed=0)
    assert torch.equal(first + second, x)
    assert abs(np.corrcoef(first.flatten(), second.flatten())[0, 1]) < 0.03
    assert not torch.equal(first, halved(x, counts=True, seed=1)[0])


def test_halves_of_genes_share_none():
    first, second = halved(torch.arange(7.0)[None], counts=False, seed=0)
    assert sorted([*first[0].tolist(), *second[0].tolist()]) == list(range(7))


def clusterings(parts: list, halves: list) -> Clusterings:
    return Clusterings(np.array(parts), np.array(halves))


def test_the_finest_parts_that_are_found_again_count():
    whole, two, four, eight = (np.repeat(range(k), 40 // k) for k in (1, 2, 4, 8))
    shuffled = np.random.default_rng(0).permutation(eight)
    found = clusterings([whole, two, four, eight], [[whole], [two], [four], [shuffled]])
    split = best_split(found, np.arange(40))
    assert split.level == 2 and split.reproduced == 1
    np.testing.assert_array_equal(split.parts, four)
    few = best_split(found, np.arange(20))
    assert len(few.cells) < 30 and few.parts.max() == 0  # too few cells to be looked at


def test_parts_that_are_not_found_again_are_only_the_best_there_are():
    two, other = np.repeat([0, 1], 20), np.tile([0, 1], 20)
    split = best_split(clusterings([two], [[two, other]]), np.arange(40))
    assert split.reproduced == pytest.approx((1 + adjusted_rand_score(two, other)) / 2)
    lonely = np.r_[np.ones(2, int), np.zeros(38, int)]
    assert best_split(clusterings([lonely], [[lonely]]), np.arange(40)).level == len(
        RESOLUTIONS
    )  # fewer than five cells


@given(st.permutations(range(40)))
def test_the_order_of_cells_does_not_matter(order):
    order, two = np.array(order), np.repeat([0, 1], 20)
    half = np.r_[two[1:], 0]
    split = best_split(clusterings([two[order]], [[half[order]]]), np.argsort(order))
    assert split.reproduced == pytest.approx(adjusted_rand_score(two, half))
