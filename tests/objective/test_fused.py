import numba
import numpy as np
import pytest
import torch

from mixvi.objective.fused import coefficient_of, exp_below_1, log1p, slope_of


def relative_error(compiled, exact, x):
    x = x.astype(np.float32)
    expected = exact(x.astype(float))
    return np.abs(numba.vectorize(["f4(f4)"])(lambda value: compiled(value))(x) / expected - 1).max()


def test_exponential_is_exact_in_single_precision():
    assert relative_error(exp_below_1, np.exp, -np.logspace(-30, np.log10(86.9), 100_001)) < 3e-7
    assert exp_below_1(np.float32(0)) == 1
    assert exp_below_1(np.float32(-88)) == exp_below_1(np.float32(-np.inf)) == 0


def test_logarithm_is_exact_in_single_precision_of_small_and_large_numbers():
    assert relative_error(log1p, np.log1p, np.logspace(-30, 37, 100_001)) < 2e-7
    assert log1p(np.float32(0)) == 0


@pytest.mark.parametrize("function", [exp_below_1, log1p])
def test_what_is_no_number_stays_none(function):
    assert np.isnan(function(np.float32(np.nan)))


@pytest.mark.parametrize("x", [0.5, 1.0, 63.5, 64.0, 1000.0, 1e6])
@pytest.mark.parametrize("log_theta", [-6.0, 0.0, 2.0, 3.0, 6.0])
def test_coefficient_and_slope_are_those_of_gamma_functions(x, log_theta):
    count, log_theta = torch.tensor(x).double(), torch.tensor(np.float32(log_theta)).double().requires_grad_()
    theta = log_theta.exp()
    expected = torch.lgamma(count + theta) - torch.lgamma(theta) - torch.lgamma(count + 1)
    expected.backward()
    theta = np.float32(theta.item())
    assert coefficient_of(np.float32(x), theta) == pytest.approx(expected.item(), rel=1e-5, abs=1e-5)
    assert slope_of(np.float32(x), theta) == pytest.approx(log_theta.grad.item(), rel=1e-5)


def test_coefficient_of_poisson_counts():
    theta = np.float32(1e20)  # of which a count's coefficient is θ^x / x!, and the slope x
    assert coefficient_of(np.float32(100), theta) == pytest.approx(
        100 * np.log(1e20) - torch.lgamma(torch.tensor(101.0)).item(), rel=1e-5
    )
    assert slope_of(np.float32(100), theta) == pytest.approx(100)
