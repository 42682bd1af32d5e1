import pytest
import torch
from torch import nn

from mixvi.objective import virtual_adversarial_divergence


def linear(weight: torch.Tensor):
    return lambda x: (x @ weight).log_softmax(-1)


def test_the_worst_direction_of_a_linear_classifier():
    """Two types told apart by one axis: no step of this length changes them more than one along it."""
    torch.manual_seed(0)
    weight = torch.zeros(5, 2, dtype=torch.float64)
    weight[2, 0], weight[2, 1] = 1.0, -1.0
    x = torch.randn(2, 30, 5, dtype=torch.float64)
    classify, log_q = linear(weight), linear(weight)(x)
    found = virtual_adversarial_divergence(classify, x, log_q, radius=0.5)
    either = []
    for sign in (-1, 1):
        log_p = classify(x + sign * 0.5 * torch.eye(5, dtype=torch.float64)[2])
        either.append((log_q.exp() * (log_q - log_p)).sum(-1))
    both = torch.stack(either)
    assert found.shape == (2, 30)
    assert (torch.minimum((found - both[0]).abs(), (found - both[1]).abs()) < 1e-9).all()


def test_it_is_worse_than_random_directions():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 4), nn.LogSoftmax(-1)).double()
    x = torch.randn(1, 200, 20, dtype=torch.float64)
    log_q = network(x).detach()
    worst = virtual_adversarial_divergence(network, x, log_q, radius=0.3).mean()
    step = 0.3 * nn.functional.normalize(torch.randn_like(x), dim=-1)
    random = (log_q.exp() * (log_q - network(x + step))).sum(-1).mean()
    assert worst > 3 * random > 0


def test_only_the_perturbed_side_has_a_gradient():
    torch.manual_seed(0)
    weight = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    x = torch.randn(1, 8, 3, dtype=torch.float64, requires_grad=True)
    log_q = linear(weight)(x)
    log_q.retain_grad()
    virtual_adversarial_divergence(linear(weight), x, log_q, radius=0.1).sum().backward()
    assert weight.grad.abs().sum() > 0
    assert x.grad is None
    assert log_q.grad is None


@pytest.mark.parametrize("radius", [0.0, 1e-3])
def test_no_step_no_divergence(radius):
    torch.manual_seed(0)
    weight, x = torch.randn(3, 2).double(), torch.randn(1, 8, 3).double()
    divergence = virtual_adversarial_divergence(linear(weight), x, linear(weight)(x), radius)
    assert (divergence >= -1e-15).all()
    assert divergence.max() < 1e-5
