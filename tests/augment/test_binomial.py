import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chisquare

from mixvi.augment.binomial import BITS, count_heads, draw_binomial, halve, thin

N_DRAWS = 20_000


def p_value(draws: torch.Tensor, n: int, probability: float) -> float:
    """Of Pearson's test that the draws are binomial, values expected fewer than 5 times taken together."""
    expected = len(draws) * binom.pmf(range(n + 1), n, probability)
    observed = torch.bincount(draws.long(), minlength=n + 1).numpy()
    common = expected >= 5
    if not common.all():
        expected = [*expected[common], expected[~common].sum()]
        observed = [*observed[common], observed[~common].sum()]
    return chisquare(observed, expected).pvalue


@pytest.mark.parametrize("n", [1, 2, 3, 7, 16, BITS - 1, BITS, BITS + 1, 100])
def test_halves_are_binomial(n):
    torch.manual_seed(n)
    assert p_value(halve(torch.full((N_DRAWS,), float(n))), n, 0.5) > 1e-3


@given(st.lists(st.integers(0, 100), min_size=1), st.integers(0, 1000))
def test_halves_lie_between_zero_and_the_count(counts, seed):
    torch.manual_seed(seed)
    x = torch.tensor(counts, dtype=torch.float32)
    half = halve(x.expand(3, -1).T)  # of any layout
    x = x[:, None]
    assert half.dtype == x.dtype
    assert ((half >= 0) & (half <= x) & (half == half.round())).all()


def test_heads_are_the_ones_among_the_first_bits():
    n_coins = torch.arange(BITS + 1, dtype=torch.int32).repeat(50)
    torch.manual_seed(0)
    heads = count_heads(n_coins)
    torch.manual_seed(0)
    words = torch.randint(2**BITS, n_coins.shape, dtype=torch.int32)
    assert heads.tolist() == [
        (word % 2**n).bit_count() for word, n in zip(words.tolist(), n_coins.tolist(), strict=True)
    ]


def test_every_bit_is_a_fair_coin_of_its_own():
    torch.manual_seed(0)
    words = torch.randint(2**BITS, (N_DRAWS,), dtype=torch.int32)
    bits = ((words[:, None] >> torch.arange(BITS)) & 1).double()
    assert (bits.mean(0) - 0.5).abs().max() < 0.02
    assert (torch.corrcoef(bits.T) - torch.eye(BITS)).abs().max() < 0.04


def test_thinned_counts_are_binomial():
    torch.manual_seed(0)
    x = torch.tensor([[5.0, 0.0, 12.0]]).expand(N_DRAWS, 3)
    share = torch.tensor([0.2, 0.5, 0.7])
    kept = thin(x, share)
    assert (kept[:, 1] == 0).all()
    assert p_value(kept[:, 0], 5, 0.2) > 1e-3
    assert p_value(kept[:, 2], 12, 0.7) > 1e-3


def test_binomial_numbers():
    torch.manual_seed(0)
    draws = draw_binomial(torch.full((50_000,), 8.0), torch.full((50_000,), 0.25))
    assert abs(draws.mean() - 2) < 0.02
    assert abs(draws.var() - 1.5) < 0.03
