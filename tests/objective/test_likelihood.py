import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scvi.distributions import NegativeBinomial, ZeroInflatedNegativeBinomial
from torch.autograd import gradcheck
from torch.distributions import Bernoulli, Normal

from mixvi.objective import bernoulli, gaussian, negative_binomial, zero_inflated_negative_binomial
from mixvi.objective.likelihood import log_coefficient


def parameters(seed: int = 0, shape=(2, 3, 5), dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    x = torch.poisson(3 * torch.rand(shape, generator=generator), generator=generator).to(dtype)
    log_mu, logits = torch.randn(2, *shape, generator=generator).to(dtype)
    log_theta = torch.randn(shape[0], 1, shape[-1], generator=generator).to(dtype)
    return x, log_mu, log_theta, logits


@given(st.integers(0, 1000))
def test_negative_binomial_matches_scvi(seed):
    x, log_mu, log_theta, _ = parameters(seed)
    expected = NegativeBinomial(mu=log_mu.exp(), theta=log_theta.exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(negative_binomial(x, log_mu, log_theta), expected, rtol=1e-6, atol=1e-6)


@given(st.integers(0, 1000))
def test_zero_inflated_negative_binomial_matches_scvi(seed):
    x, log_mu, log_theta, logits = parameters(seed)
    distribution = ZeroInflatedNegativeBinomial(mu=log_mu.exp(), theta=log_theta.exp(), zi_logits=logits)
    value = zero_inflated_negative_binomial(x, log_mu, log_theta, logits)
    torch.testing.assert_close(value, distribution.log_prob(x).sum(-1), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("zero_inflated", [False, True])
def test_probabilities_of_all_counts_sum_to_one(zero_inflated):
    x = torch.arange(200, dtype=torch.float64)[:, None]
    log_mu, log_theta = torch.tensor([[1.0]], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
    if zero_inflated:
        logits = torch.full_like(x, -0.3)
        log_p = zero_inflated_negative_binomial(x, log_mu.expand_as(x), log_theta, logits)
    else:
        log_p = negative_binomial(x, log_mu.expand_as(x), log_theta)
    assert log_p.exp().sum().item() == pytest.approx(1)


def test_gaussian_matches_torch():
    x, mean, log_scale, _ = parameters()
    expected = Normal(mean, log_scale.exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(gaussian(x, mean, log_scale), expected)


def test_bernoulli_matches_torch_and_extends_to_values_in_between():
    *_, logits = parameters()
    distribution = Bernoulli(logits=logits)
    ones = distribution.log_prob(torch.ones_like(logits)).sum(-1)
    zeros = distribution.log_prob(torch.zeros_like(logits)).sum(-1)
    torch.testing.assert_close(bernoulli(torch.ones_like(logits), logits), ones)
    torch.testing.assert_close(bernoulli(torch.full_like(logits, 0.3), logits), 0.3 * ones + 0.7 * zeros)


def test_gradients():
    x, log_mu, log_theta, logits = (p.requires_grad_(i > 0) for i, p in enumerate(parameters(shape=(1, 2, 3))))
    assert gradcheck(negative_binomial, (x, log_mu, log_theta))
    assert gradcheck(zero_inflated_negative_binomial, (x, log_mu, log_theta, logits))
    assert gradcheck(gaussian, (x, log_mu, log_theta))
    assert gradcheck(bernoulli, (x.clamp(0, 1), logits))


@pytest.mark.parametrize("function", [negative_binomial, zero_inflated_negative_binomial, gaussian])
def test_gradients_in_single_precision(function):
    gradients = []
    for dtype in (torch.float32, torch.float64):
        x, *others = (p.requires_grad_(i > 0) for i, p in enumerate(parameters(dtype=dtype)))
        used = others if function is zero_inflated_negative_binomial else others[:2]
        function(x, *used).sum().backward()
        gradients.append([p.grad.double() for p in used])
    for single, double in zip(*gradients, strict=True):
        torch.testing.assert_close(single, double, rtol=1e-4, atol=1e-4)


def test_extreme_counts_are_finite():
    x = torch.tensor([[[0.0, 1e7]]])
    for value in (-30.0, 30.0):
        log_mu = torch.full_like(x, value)
        assert negative_binomial(x, log_mu, torch.zeros(1)).isfinite().all()
        assert zero_inflated_negative_binomial(x, log_mu, torch.zeros(1), log_mu).isfinite().all()


def test_a_cell_without_counts():
    x = torch.zeros(1, 2, 3)
    expected = NegativeBinomial(mu=torch.ones(3), theta=torch.ones(3)).log_prob(x).sum(-1)
    torch.testing.assert_close(
        negative_binomial(x, torch.zeros(1, 2, 3), torch.zeros(3)), expected, rtol=1e-5, atol=1e-5
    )


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


def test_gradients_by_hand_are_those_of_autograd():
    x, log_mu, log_theta, _ = parameters(shape=(2, 4, 6))
    x[0, 0] *= 100
    weight = torch.linspace(-1, 1, 8, dtype=torch.float64).view(2, 4)  # cells count differently
    gradients = []
    for function in (negative_binomial, plain_negative_binomial):
        leaves = log_mu.clone().requires_grad_(), log_theta.clone().requires_grad_()
        gradients.append(torch.autograd.grad((weight * function(x, *leaves)).sum(), leaves))
    torch.testing.assert_close(*gradients)


def plain_negative_binomial(x, log_mu, log_theta):
    power = x * log_mu + log_theta.exp() * log_theta - (x + log_theta.exp()) * torch.logaddexp(log_mu, log_theta)
    return power.sum(-1) + plain_log_coefficient(x, log_theta)
