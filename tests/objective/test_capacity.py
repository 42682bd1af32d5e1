import math

import pytest
import torch

from mixvi.objective import capacity_loss, linear_capacity


@pytest.mark.parametrize(("step", "expected"), [(0, 0.0), (1, 0.0002), (12_500, 2.5), (25_000, 5.0), (93_800, 5.0)])
def test_the_schedule_of_the_paper_for_digits(step, expected):
    assert linear_capacity(step, 0.0, 5.0, 25_000) == pytest.approx(expected)


def test_a_category_has_no_more_than_log_k_and_a_schedule_may_begin_anywhere():
    assert linear_capacity(10_000, 0.0, 5.0, 25_000, math.log(10)) == pytest.approx(2.0)
    assert linear_capacity(20_000, 0.0, 5.0, 25_000, math.log(10)) == pytest.approx(math.log(10))
    assert linear_capacity(5, 1.0, 3.0, 10) == 2.0
    assert linear_capacity(0, 1.0, 3.0, 0) == 3.0


def test_loss_by_hand():
    rec, state, category = torch.tensor([100.0, 120.0]), torch.tensor([1.0, 5.0]), torch.tensor([0.5, 1.5])
    loss = capacity_loss(rec, state, category, state_capacity=4.5, category_capacity=0.25, weight=30.0)
    assert loss == pytest.approx(110 + 30 * 1.5 + 30 * 0.75)


def test_a_divergence_below_its_capacity_is_pulled_up():
    state = torch.tensor([2.0, 4.0], requires_grad=True)  # on average 3
    for capacity, sign in ((5.0, -1), (1.0, 1)):
        (grad,) = torch.autograd.grad(capacity_loss(torch.zeros(2), state, torch.zeros(2), capacity, 0.0, 7.0), state)
        assert grad.tolist() == [sign * 3.5, sign * 3.5]
