import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from mixvi.objective import blocks, negative_binomial, negative_binomial_of_shares


def parameters(seed: int = 0, shape=(2, 7, 5), dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    x = torch.poisson(3 * torch.rand(shape, generator=generator, dtype=dtype), generator=generator)
    logits = 2 * torch.randn(shape, generator=generator, dtype=dtype)
    log_theta = torch.randn(shape[0], 1, shape[-1], generator=generator, dtype=dtype)
    return x, logits.requires_grad_(), log_theta.requires_grad_()


def plain(x, logits, log_theta):
    return negative_binomial(x, logits.log_softmax(-1) + x.sum(-1, keepdim=True).clamp_min(1).log(), log_theta)


@given(st.integers(0, 1000), st.sampled_from([1, 10, 20, 10**6]))
def test_value_and_gradient_are_those_of_the_plain_form(seed, block):
    x, *leaves = parameters(seed)
    x[0, 0] = 0  # a cell without counts
    weight = torch.linspace(-1, 1, 14, dtype=torch.float64).view(2, 7)  # cells count differently
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", block)  # from a cell at a time to all arms at once
        value = negative_binomial_of_shares(x, *leaves)
        gradients = torch.autograd.grad((weight * value).sum(), leaves)
    expected = plain(x, *leaves)
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(gradients, torch.autograd.grad((weight * expected).sum(), leaves))


def test_gradient_is_that_of_finite_differences():
    assert gradcheck(negative_binomial_of_shares, parameters(shape=(2, 2, 3)))


def test_arms_may_share_the_dispersion():
    x, logits, log_theta = parameters()
    one = log_theta.detach()[:1].requires_grad_()
    gradients = [torch.autograd.grad(f(x, logits, one).sum(), one)[0] for f in (negative_binomial_of_shares, plain)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("log_theta", [-60.0, -12.0, 12.0, 60.0])
def test_extreme_values_stay_finite(log_theta):
    x = torch.tensor([[[0.0, 1.0, 1e7, 0.0]]])
    leaves = torch.tensor([[[300.0, -300.0, 0.0, 5.0]]], requires_grad=True), torch.full((1, 1, 4), log_theta)
    leaves[1].requires_grad_()
    value = negative_binomial_of_shares(x, *leaves)
    assert value.isfinite().all()
    assert all(g.isfinite().all() for g in torch.autograd.grad(value.sum(), leaves))


def test_single_precision_is_enough():
    gradients = []
    for dtype in (torch.float32, torch.float64):
        x, *leaves = parameters(dtype=torch.float64, shape=(1, 20, 30))
        leaves = [leaf.detach().to(dtype).requires_grad_() for leaf in leaves]
        value = negative_binomial_of_shares(x.to(dtype), *leaves).sum()
        gradients.append([g.double() for g in torch.autograd.grad(value, leaves)])
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-4)
