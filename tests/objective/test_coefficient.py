import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from mixvi.objective.coefficient import log_coefficient, small_coefficients, small_slopes


def plain_log_coefficient(x, log_theta):
    theta = log_theta.exp()
    return (torch.lgamma(x + theta) - torch.lgamma(theta) - torch.lgamma(x + 1)).sum(-1)


@given(st.lists(st.sampled_from([0, 1, 2, 5, 62, 63, 64, 65, 1000, 0.5, 63.5]), min_size=6, max_size=6))
def test_tabulated_coefficient_matches_the_plain_one(values):
    x = torch.tensor(values, dtype=torch.float64).view(2, 1, 3)  # small, large and broken counts
    log_theta = torch.linspace(-3, 3, 6, dtype=torch.float64).view(2, 1, 3).requires_grad_()
    torch.testing.assert_close(log_coefficient(x, log_theta), plain_log_coefficient(x, log_theta))
    assert gradcheck(log_coefficient, (x, log_theta))


def test_tabulated_coefficient_is_precise_in_single_precision():
    x = torch.arange(64.0).view(1, 64, 1)
    for log_theta in (-12.0, 0.0, 12.0):
        expected = plain_log_coefficient(x.double(), torch.tensor([log_theta]).double())
        value = log_coefficient(x, torch.tensor([log_theta]))
        torch.testing.assert_close(value.double(), expected, rtol=1e-5, atol=1e-5)


def test_zeros_have_no_coefficient():
    log_theta = torch.zeros(2, 1, 3, dtype=torch.float64, requires_grad=True)
    value = log_coefficient(torch.zeros(2, 4, 3, dtype=torch.float64), log_theta)
    assert torch.equal(value, torch.zeros(2, 4, dtype=torch.float64))
    value.sum().backward()
    assert not log_theta.grad.any()


def test_slopes_are_the_derivatives_of_the_coefficients():
    log_theta = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    coefficients = small_coefficients(log_theta, 5)
    assert coefficients.shape == (5, 3)
    for of_count, slope in zip(coefficients, small_slopes(log_theta, 5), strict=True):
        torch.testing.assert_close(torch.autograd.grad(of_count.sum(), log_theta, retain_graph=True)[0], slope)
