import math

import torch
from torch.distributions import Categorical, Normal, kl_divergence

from mixvi.objective import category_kl, entropy, state_kl


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
