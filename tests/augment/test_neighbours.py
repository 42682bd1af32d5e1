import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mixvi.augment import Neighbours, mix_counts
from mixvi.nn import ExpressionProjection


def two_types(n_cells: int = 100) -> torch.Tensor:
    """Counts; cells of even position express the first five genes, the others the last five."""
    rate = torch.full((n_cells, 10), 0.5)
    rate[::2, :5], rate[1::2, 5:] = 8.0, 8.0
    return torch.poisson(rate)


def fitted(x: torch.Tensor, counts: bool = True) -> Neighbours:
    projection = ExpressionProjection(x.shape[1], 4, counts)
    projection.fit(x)
    neighbours = Neighbours(projection, counts, n_neighbors=5)
    neighbours.fit(x)
    return neighbours


def test_neighbours_are_of_the_cells_type():
    torch.manual_seed(0)
    x = two_types()
    nearest = fitted(x).nearest(x)
    assert nearest.shape == (100, 5)
    assert (nearest % 2 == (torch.arange(100) % 2)[:, None]).all()


def test_neighbours_are_the_nearest():
    torch.manual_seed(0)
    x = torch.randn(60, 3)
    neighbours = Neighbours(nn.Identity(), counts=False, n_neighbors=4)
    neighbours.fit(x)
    queries = torch.randn(7, 3)
    expected = torch.cdist(queries, x).topk(4, largest=False).indices
    assert torch.equal(neighbours.nearest(queries).sort().values, expected.sort().values)


@given(st.integers(0, 1000), st.integers(1, 4))
def test_copies_of_counts_are_counts_no_deeper_than_possible(seed, n_arms):
    torch.manual_seed(seed)
    x = two_types(40)
    copies = fitted(x)(x, n_arms)
    assert copies.shape == (n_arms, 40, 10)
    assert torch.equal(copies, copies.round())
    assert (copies >= 0).all()
    assert (copies <= x + x.max(0).values).all()


def test_copies_have_the_depth_and_the_mean_of_both():
    torch.manual_seed(0)
    x, neighbour = torch.tensor([20.0, 0.0, 4.0]), torch.tensor([0.0, 90.0, 6.0])  # depths 24 and 96
    share = torch.tensor([[0.25]])
    copies = mix_counts(x.expand(20_000, 3), neighbour.expand(20_000, 3), share.expand(20_000, 1))
    expected = 0.75 * x + 0.25 * neighbour * 24 / 96
    torch.testing.assert_close(copies.mean(0), expected, atol=0.05, rtol=0)


def test_other_values_are_on_the_way_to_a_neighbour():
    torch.manual_seed(0)
    reference = torch.tensor([[0.0, 0.0], [1.0, 0.0], [50.0, 50.0]])
    neighbours = Neighbours(nn.Identity(), counts=False, n_neighbors=2)
    neighbours.fit(reference)
    copies = neighbours(torch.tensor([[0.0, 1.0]]), 2000)[:, 0]
    to_first, to_second = copies[:, 0] == 0, copies[:, 0] > 0
    assert (to_first | to_second).all()
    assert 0.45 < to_first.float().mean() < 0.55  # drawn evenly
    torch.testing.assert_close(copies[to_second].sum(1), torch.ones(int(to_second.sum())))
    assert abs(copies[to_second, 0].mean() - 0.5) < 0.03


def test_arms_draw_their_own():
    x = two_types()
    copies = fitted(x)(x, 2)
    assert not torch.equal(copies[0], copies[1])


def test_the_reference_is_saved():
    torch.manual_seed(0)
    x = two_types()
    before = fitted(x)
    after = Neighbours(ExpressionProjection(10, 4, counts=True), counts=True, n_neighbors=5)
    after.load_state_dict(before.state_dict())
    assert torch.equal(after.nearest(x), before.nearest(x))
    rows = torch.arange(100)
    assert torch.equal(after.reference.take(rows), x)
