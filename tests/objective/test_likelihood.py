import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scvi.distributions import NegativeBinomial, ZeroInflatedNegativeBinomial
from torch.autograd import gradcheck
from torch.distributions import Bernoulli, Normal

from mixvi.objective import bernoulli, gaussian, negative_binomial, zero_inflated_negative_binomial


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
