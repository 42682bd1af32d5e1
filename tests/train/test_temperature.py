import math

import numpy as np
import pytest
import torch

from mixvi.augment import CountSplit, GeneSplit, no_copies
from mixvi.train import fit_temperature, independent_copies, split_log_likelihood


def test_log_likelihood_by_hand():
    """Two cells, two types of equal frequency: Σ_c p(c|a) p(c|b) / ½ is 2 (.9·.8 + .1·.2) for both."""
    a = torch.tensor([[0.9, 0.1], [0.1, 0.9]])
    b = torch.tensor([[0.8, 0.2], [0.2, 0.8]])
    value = split_log_likelihood(torch.stack([a, b]).log())
    assert float(value) == pytest.approx(math.log(2 * (0.72 + 0.02)))


def test_unrelated_copies_have_an_average_ratio_of_one():
    """The ratio is a density relative to unrelated copies, whatever the temperature: likelihoods can be compared."""
    generator = torch.Generator().manual_seed(0)
    log_p = (3 * torch.randn(6, 3, generator=generator, dtype=torch.float64)).log_softmax(-1)
    every_pair = torch.stack([log_p.repeat(6, 1), log_p.repeat_interleave(6, 0)])  # (2, 36, 3)
    prior = log_p.exp().mean(0)
    ratio = (every_pair.exp().prod(0) / prior).sum(-1)
    assert float(ratio.mean()) == pytest.approx(1)
    assert float(split_log_likelihood(every_pair)) == pytest.approx(float(ratio.log().mean()))


def looks(n_arms: int, sharpened: float, n_cells: int = 4000) -> torch.Tensor:
    """Posteriors of three unbalanced types from independent Gaussian looks, as ``log_q`` times a factor."""
    rng = np.random.default_rng(0)
    prior = np.array([0.6, 0.3, 0.1])
    kind = rng.choice(3, n_cells, p=prior)
    x = 1.5 * np.eye(3)[kind] + rng.normal(size=(n_arms, n_cells, 3))
    log_q = torch.as_tensor(1.5 * x + np.log(prior)).log_softmax(-1)
    return (sharpened * log_q).log_softmax(-1)


@pytest.mark.parametrize("n_arms", [2, 3])
@pytest.mark.parametrize("sharpened", [0.5, 1.0, 3.0])
def test_a_planted_temperature_is_recovered(n_arms, sharpened):
    assert fit_temperature(looks(n_arms, sharpened)) == pytest.approx(sharpened, rel=0.12)


def test_copies_that_share_their_noise_do_not_make_arms_surer():
    log_q = looks(2, 0.5)[[0, 0]]
    assert fit_temperature(log_q) < 0.5
    assert fit_temperature(log_q, independent=False) == pytest.approx(1.0)


def test_cells_that_all_agree_tell_little():
    """Without a disagreement the likelihood rises for ever; the prior keeps the temperature where it is."""
    log_q = 8 * torch.eye(3, dtype=torch.float64).repeat(2, 700, 1)
    assert 0.5 < fit_temperature(log_q.log_softmax(-1)) < 1


def test_splits_are_independent():
    assert independent_copies(CountSplit())
    assert independent_copies(GeneSplit(3))
    assert not independent_copies(no_copies)
