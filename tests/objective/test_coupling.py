import math

import pytest
import torch
from torch.autograd import gradcheck

from mixvi.objective import (
    COUPLINGS,
    aitchison_coupling,
    consensus_coupling,
    cross_entropy_of_pairs,
    entropy,
    mutual_information_coupling,
    perturb,
)


def posteriors(n_arms: int, n_cells: int = 6, n_categories: int = 4, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n_arms, n_cells, n_categories, generator=generator, dtype=torch.float64).log_softmax(-1)


@pytest.mark.parametrize("n_arms", [2, 3, 5])
def test_aitchison_coupling_equals_the_pair_loop_of_eq_7(n_arms):
    log_q, weight = posteriors(n_arms), 0.7
    u = perturb(log_q)
    expected = 0.0
    for a in range(n_arms):
        for b in range(a + 1, n_arms):
            distance = (u[a] - u[b]).square().sum(-1)
            expected += (weight * distance - entropy(log_q[a]) - entropy(log_q[b])).mean()
    torch.testing.assert_close(aitchison_coupling(log_q, weight), expected)


@pytest.mark.parametrize("n_arms", [2, 3, 5])
def test_cross_entropy_equals_the_pair_loop(n_arms):
    log_q = posteriors(n_arms)
    expected = torch.zeros(6, dtype=torch.float64)
    for a in range(n_arms):
        for b in range(a + 1, n_arms):
            expected -= 0.5 * ((log_q[a].exp() * log_q[b]) + (log_q[b].exp() * log_q[a])).sum(-1)
    torch.testing.assert_close(cross_entropy_of_pairs(log_q), expected)


def test_mutual_information_of_equal_certain_arms_is_the_entropy_of_the_categories():
    certain = (100 * torch.eye(4, dtype=torch.float64)).log_softmax(-1)
    assert mutual_information_coupling(certain.expand(2, 4, 4)).item() == pytest.approx(-math.log(4))
    collapsed = certain[:1].expand(2, 4, 4)
    assert mutual_information_coupling(collapsed).item() == pytest.approx(0, abs=1e-9)
    uncertain = torch.full((2, 4, 4), -math.log(4), dtype=torch.float64)
    assert mutual_information_coupling(uncertain).item() == pytest.approx(0, abs=1e-9)


def test_marginal_weight_rewards_the_use_of_categories():
    balanced = (100 * torch.eye(2, dtype=torch.float64)).log_softmax(-1).expand(2, 2, 2)
    difference = mutual_information_coupling(balanced, 3.0, 2.0) - mutual_information_coupling(balanced, 3.0, 1.0)
    assert difference.item() == pytest.approx(-3 * math.log(2))


def test_consensus_holds_shares_without_equalising_them():
    """By hand: three of four cells in one category, one in the other."""
    certain = (100 * torch.eye(2, dtype=torch.float64)[[0, 0, 0, 1]]).log_softmax(-1).expand(2, 4, 2)
    shares = torch.tensor([0.75, 0.25], dtype=torch.float64)
    assert consensus_coupling(certain, shares, 2.0, 1.0).item() == pytest.approx(0, abs=1e-9)
    expected = 2 * (0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25))
    assert consensus_coupling(certain, weight=2.0).item() == pytest.approx(expected)  # equal shares
    logits = (
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype=torch.float64).expand(2, 3, 2).clone().requires_grad_()
    )
    log_q = logits.log_softmax(-1)
    held = consensus_coupling(log_q, log_q.exp().mean((0, 1)).detach(), 1.0, 1.0)
    free = cross_entropy_of_pairs(log_q).mean()
    torch.testing.assert_close(*(torch.autograd.grad(value, logits, retain_graph=True)[0] for value in (held, free)))


@pytest.mark.parametrize("name", COUPLINGS)
@pytest.mark.parametrize("n_arms", [2, 3])
def test_gradient(name, n_arms):
    logits = torch.randn(n_arms, 4, 3, dtype=torch.float64, requires_grad=True)
    extra = {"shares": torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)} if name == "consensus" else {}
    assert gradcheck(lambda x: COUPLINGS[name](x.log_softmax(-1), **extra), logits)


@pytest.mark.parametrize("name", COUPLINGS)
def test_gradient_in_single_precision(name):
    logits = 3 * posteriors(3)
    gradients = []
    for dtype in (torch.float32, torch.float64):
        x = logits.to(dtype).requires_grad_()
        COUPLINGS[name](x.log_softmax(-1)).backward()
        gradients.append(x.grad.double())
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", COUPLINGS)
def test_extreme_posteriors_give_finite_values(name):
    logits = torch.tensor([[[1e4, -1e4, 0.0]], [[-1e4, 1e4, 0.0]]], requires_grad=True)
    value = COUPLINGS[name](logits.log_softmax(-1))
    value.backward()
    assert value.isfinite()
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize("name", COUPLINGS)
def test_arms_and_categories_are_exchangeable(name):
    log_q = posteriors(3)
    value = COUPLINGS[name](log_q)
    torch.testing.assert_close(COUPLINGS[name](log_q[[2, 0, 1]]), value)
    torch.testing.assert_close(COUPLINGS[name](log_q[..., [3, 1, 0, 2]]), value)
