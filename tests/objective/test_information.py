import math

import pytest
import torch
import torch.nn.functional as F
from scipy.stats import norm

from mixvi.objective import discriminator_loss, generator_loss, information_bound


def test_bound_by_hand():
    log_q = torch.tensor([[0.7, 0.2, 0.1]]).log()
    c, mean, s = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.5, -1.0]]), torch.tensor([[0.25, -0.5]])
    expected = math.log(3) + math.log(0.2) + 2 * math.log(2) + norm.logpdf(0.25) + norm.logpdf(0.5)
    assert information_bound(log_q, c, mean, s).item() == pytest.approx(expected, rel=1e-6)


def test_codes_that_cannot_be_read_carry_no_information_and_certain_ones_all():
    c = F.one_hot(torch.arange(4)).float()
    no_state = torch.zeros(4, 0)
    blind = information_bound(torch.full((4, 4), 0.25).log(), c, no_state, no_state)
    torch.testing.assert_close(blind, torch.zeros(4), atol=1e-6, rtol=0)
    certain = information_bound((30 * c).log_softmax(-1), c, no_state, no_state)
    torch.testing.assert_close(certain, torch.full((4,), math.log(4)))


def test_the_game_by_hand():
    real, generated = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 0.0])
    p, q = real.sigmoid(), generated.sigmoid()
    assert discriminator_loss(real, generated).item() == pytest.approx(
        float(-p.log().mean() - (1 - q).log().mean()), rel=1e-5
    )
    assert generator_loss(generated).item() == pytest.approx(float(-q.log().mean()), rel=1e-5)
    assert discriminator_loss(torch.zeros(3), torch.zeros(3)).item() == pytest.approx(2 * math.log(2))
