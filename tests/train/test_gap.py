import numpy as np
import pytest

from mixvi.train import gap, merge_without_gap, valley_ratio


def cloud(seed: int, n: int = 400, dims: int = 10) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dims))


def test_a_cut_through_a_continuum_is_no_gap():
    x = cloud(0)
    assert valley_ratio(x[x[:, 0] < 0], x[x[:, 0] >= 0]) > 0.9
    assert valley_ratio(x[x[:, 0] < 1], x[x[:, 0] >= 1]) > 0.9  # unequal pieces


def test_a_gap_is_seen_whatever_the_sizes():
    shift = np.r_[6.0, np.zeros(9)]
    assert valley_ratio(cloud(1), cloud(2) + shift) < 0.2
    assert valley_ratio(cloud(1, 2000), cloud(2, 20) + shift) < 0.2


def test_noise_makes_no_gap():
    """Random halves of one group in many dimensions: an axis that fitted their noise would separate them."""
    x = cloud(0, 60, 50)
    assert valley_ratio(x[:30], x[30:]) > 0.7


def test_order_of_the_groups_does_not_matter():
    a, b = cloud(1), cloud(2) + 1.5
    assert valley_ratio(a, b) == pytest.approx(valley_ratio(b, a), abs=0.1)  # up to the bootstrap


def test_too_few_cells_stay_apart():
    assert valley_ratio(cloud(0, 2), cloud(1, 50)) == 0


def three_types() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, types, and groups: the first of three types is cut in two along its state."""
    scores = np.concatenate([cloud(0, 300), cloud(1, 200) + 8, cloud(2, 100) - 8])
    scores[:300, 0] *= 3
    types = np.repeat([0, 1, 2], [300, 200, 100])
    return scores, types, np.where((types == 0) & (scores[:, 0] > 0), 3, types)


def test_merging_restores_the_types_and_orders_them_by_size():
    scores, types, groups = three_types()
    assert (merge_without_gap(scores, groups) == types).all()


def test_a_number_of_types_may_be_demanded():
    scores, _, groups = three_types()
    for wanted in (4, 3, 2):
        assert len(np.unique(merge_without_gap(scores, groups, n_types=wanted))) == wanted
    assert len(np.unique(merge_without_gap(scores, groups, max_types=2))) == 2


def test_a_homogeneous_population_keeps_two_groups():
    x = cloud(0)
    assert len(np.unique(merge_without_gap(x, (x[:, 0] > 0) + 2 * (x[:, 1] > 0)))) == 2


def test_the_thin_end_of_a_stretched_continuum_is_no_group_of_its_own():
    """Counts follow a state exponentially, and a clustering cuts off the end, which lies far out."""
    x = cloud(0, 4000, 3)
    x[:, 0] = np.exp(x[:, 0])
    end = x[:, 0] > 4
    assert 0.05 < end.mean() < 0.1
    assert valley_ratio(x[~end], x[end]) == 1
    assert valley_ratio(x[~end], x[end] + [0.0, 8.0, 0.0]) < 0.2  # apart, and as rare


def test_a_rare_group_in_the_tail_of_a_large_one_is_a_group():
    """No valley of the true density lies between them, but it is dense in its middle."""
    large, rare = cloud(0, 5000, 3), cloud(1, 300, 3) + [3.2, 0.0, 0.0]
    assert valley_ratio(large, rare, by_size=True) == 1
    assert valley_ratio(large, rare) < 0.75


@pytest.mark.filterwarnings("error")
def test_cells_that_are_all_the_same_are_a_group():
    same = np.full((20, 3), 3.0)
    assert valley_ratio(cloud(0, 200, 3), same) == 0
    assert valley_ratio(np.zeros((50, 3)), same) == 0


def test_the_thin_end_of_a_continuum_is_no_group_of_its_own():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3)) * [3.0, 1.0, 1.0]
    end = x[:, 0] > 6.5
    assert valley_ratio(x[~end], x[end], by_size=True) > 0.8
    apart = x[end] + [15.0, 0.0, 0.0]
    assert valley_ratio(x[~end], apart, by_size=True) < 0.2
    labels = end.astype(int)
    assert merge_without_gap(x, labels, shallow=0.2, fewest=1, by_size=True).max() == 0
    assert (
        merge_without_gap(np.vstack([x[~end], apart]), np.sort(labels), shallow=0.2, fewest=1, by_size=True).max() == 1
    )


@pytest.mark.parametrize("by_size", [True, False])
@pytest.mark.parametrize("shift", [3.0, 4.0])
def test_some_cells_of_a_large_group_tell_as_much_as_all(monkeypatch, by_size, shift):
    """The small group keeps its size relative to the large one, of which only some cells are looked at."""
    large, small = cloud(1, 40_000, 5), 0.5 * cloud(2, 3_000, 5) + np.r_[shift, np.zeros(4)]
    some = valley_ratio(large, small, by_size)
    monkeypatch.setattr(gap, "ENOUGH", 10**6)
    assert some == pytest.approx(valley_ratio(large, small, by_size), abs=0.1)
