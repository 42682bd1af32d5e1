import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mixvi.augment import CountSplit, GeneSplit, no_copies


@given(st.integers(1, 5), st.integers(0, 1000))
def test_split_counts_add_up_and_are_counts(n_arms, seed):
    torch.manual_seed(seed)
    x = torch.poisson(2 * torch.rand(6, 9))
    copies = CountSplit()(x, n_arms)
    assert torch.equal(copies.sum(0), x)
    assert (copies >= 0).all()
    assert torch.equal(copies, copies.round())


@pytest.mark.parametrize("n_arms", [2, 3, 4, 5])
def test_every_arm_gets_an_equal_share_of_independent_counts(n_arms):
    torch.manual_seed(0)
    x = torch.poisson(torch.full((40_000, 1), 4.0))
    copies = CountSplit()(x, n_arms)[..., 0]
    torch.testing.assert_close(copies.mean(1), torch.full((n_arms,), 4 / n_arms), atol=0.03, rtol=0)
    correlation = torch.corrcoef(copies) - torch.eye(n_arms)
    assert correlation.abs().max() < 0.02  # the thinning property of the Poisson distribution


def test_copies_are_drawn_anew():
    x = torch.full((4, 5), 20.0)
    assert not torch.equal(CountSplit()(x, 2), CountSplit()(x, 2))


def test_gene_split_shows_each_gene_to_one_arm_and_keeps_the_expectation():
    torch.manual_seed(0)
    x = torch.randn(2000, 6) + 3
    split = GeneSplit(6)
    split.fit(x)
    copies = split(x, 3)
    seen = copies != split.average
    assert (seen.sum(0) == 1).all()
    torch.testing.assert_close(copies.mean(0), x, rtol=1e-4, atol=1e-4)


def test_no_copies():
    x = torch.randn(3, 4)
    assert torch.equal(no_copies(x, 2), torch.stack([x, x]))
