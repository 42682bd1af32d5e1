import math

import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical, Normal, kl_divergence

from mixvi.objective import category_kl, entropy, shares_divergence, state_kl


def test_entropy_and_category_kl_match_torch():
    log_q = torch.randn(2, 5, 4, dtype=torch.float64).log_softmax(-1)
    q, uniform = Categorical(logits=log_q), Categorical(logits=torch.zeros(4, dtype=torch.float64))
    torch.testing.assert_close(entropy(log_q), q.entropy())
    torch.testing.assert_close(category_kl(log_q), kl_divergence(q, uniform))


def test_entropy_of_a_certain_category_is_zero_with_a_finite_gradient():
    logits = torch.tensor([1000.0, 0.0, 0.0], requires_grad=True)
    value = entropy(logits.log_softmax(-1))
    value.backward()
    assert value == 0
    assert logits.grad.isfinite().all()


def test_state_kl_by_hand_and_against_torch():
    assert state_kl(torch.zeros(3), torch.zeros(3)) == 0
    assert math.isclose(state_kl(torch.tensor([2.0]), torch.tensor([0.0])), 2.0)
    mean, log_var = torch.randn(2, 3, 7, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, (log_var / 2).exp()), Normal(torch.zeros_like(mean), 1.0)).sum(-1)
    torch.testing.assert_close(state_kl(mean, log_var), expected)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_gradients(dtype):
    """Against finite differences in double precision, and of single precision against double."""
    logits, mean, log_var = torch.randn(3, 2, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for function, inputs in (
        (lambda x: entropy(x.log_softmax(-1)), [logits]),
        (lambda x: category_kl(x.log_softmax(-1)), [logits]),
        (state_kl, [mean, log_var]),
    ):
        double = [x.clone().requires_grad_() for x in inputs]
        if dtype == torch.float64:
            assert gradcheck(function, double)
            continue
        single = [x.to(dtype).requires_grad_() for x in inputs]
        function(*double).sum().backward()
        function(*single).sum().backward()
        for a, b in zip(single, double, strict=True):
            torch.testing.assert_close(a.grad.double(), b.grad, rtol=1e-4, atol=1e-5)


def test_shares_divergence_by_hand():
    average, shares = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.25, 0.5])
    expected = 0.25 * math.log(0.5) + 0.5 * math.log(2)
    torch.testing.assert_close(shares_divergence(average, shares), torch.tensor(expected))
    assert shares_divergence(shares, shares) == 0


def test_shares_divergence_has_no_gradient_at_the_shares_and_forbids_giving_up():
    shares = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64)
    logits = shares.log().requires_grad_()
    shares_divergence(logits.softmax(-1), shares).backward()
    torch.testing.assert_close(logits.grad, torch.zeros_like(shares), atol=1e-12, rtol=0)
    assert gradcheck(lambda x: shares_divergence(x.softmax(-1), shares), (torch.randn(3).double().requires_grad_(),))
    losses = [shares_divergence(torch.tensor([0.7, 0.3 - left, left]), shares.float()) for left in (1e-2, 1e-4, 1e-6)]
    assert losses[0] < losses[1] < losses[2]
