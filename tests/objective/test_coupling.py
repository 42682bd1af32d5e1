import math

import pytest
import torch
from torch.autograd import gradcheck

from mixvi.objective import (
    COUPLINGS,
    MODALITY_COUPLINGS,
    aitchison_coupling,
    consensus_coupling,
    cross_entropy_of_pairs,
    entropy,
    joint_coupling,
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


def pairs_by_loop(log_q: torch.Tensor, mask: torch.Tensor, pair) -> torch.Tensor:
    """Sum over the pairs of arms that see a cell, ``(cells,)``."""
    value = torch.zeros(log_q.shape[1], dtype=torch.float64)
    for a in range(len(log_q)):
        for b in range(a + 1, len(log_q)):
            value += mask[a] * mask[b] * pair(a, b)
    return value


MASK = torch.tensor([[1, 1, 1, 0, 1, 1], [1, 0, 1, 1, 1, 0], [0, 1, 1, 1, 1, 0]], dtype=torch.float64)


def test_masked_cross_entropy_equals_the_pair_loop():
    log_q = posteriors(3)

    def pair(a, b):
        return -0.5 * ((log_q[a].exp() * log_q[b]) + (log_q[b].exp() * log_q[a])).sum(-1)

    torch.testing.assert_close(cross_entropy_of_pairs(log_q, MASK), pairs_by_loop(log_q, MASK, pair))


def test_masked_aitchison_coupling_equals_the_pair_loop_of_eq_7():
    """Each arm's categories are scaled by their variance over the cells that it sees."""
    log_q, weight = posteriors(3), 0.7
    seen = [mask.bool() for mask in MASK]
    scale = [log_q[a][seen[a]].exp().var(0, unbiased=False) + 1e-6 for a in range(3)]

    def pair(a, b):
        distance = (log_q[a] / scale[a].sqrt() - log_q[b] / scale[b].sqrt()).square().sum(-1)
        return weight * distance - entropy(log_q[a]) - entropy(log_q[b])

    expected = pairs_by_loop(log_q, MASK, pair).mean()
    torch.testing.assert_close(aitchison_coupling(log_q, weight, mask=MASK), expected)


def test_masked_consensus_by_hand():
    """Two cells, the second seen by one arm only: one pair in two cells, and three posteriors to average."""
    q = torch.tensor([[[0.8, 0.2], [0.5, 0.5]], [[0.6, 0.4], [0.1, 0.9]]], dtype=torch.float64)
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    shares = torch.tensor([0.7, 0.3], dtype=torch.float64)
    pair = -0.5 * (0.8 * math.log(0.6) + 0.2 * math.log(0.4) + 0.6 * math.log(0.8) + 0.4 * math.log(0.2))
    first = (0.8 + 0.6 + 0.5) / 3
    divergence = 0.7 * math.log(0.7 / first) + 0.3 * math.log(0.3 / (1 - first))
    expected = 2 * (pair / 2 + 0.5 * divergence)
    assert consensus_coupling(q.log(), shares, 2.0, mask=mask).item() == pytest.approx(expected)


@pytest.mark.parametrize("name", MODALITY_COUPLINGS)
def test_a_mask_of_ones_changes_nothing(name):
    log_q, coupling = posteriors(3), MODALITY_COUPLINGS[name]
    torch.testing.assert_close(coupling(log_q, mask=torch.ones_like(MASK)), coupling(log_q))


def test_joint_coupling_by_hand():
    """One cell, two modalities, shares .6 and .4: p ∝ (.9·.7/.6, .1·.3/.4) = (1.05, .075)."""
    log_q = torch.tensor([[[0.9, 0.1]], [[0.7, 0.3]]], dtype=torch.float64).log()
    shares = torch.tensor([0.6, 0.4], dtype=torch.float64)
    p = [1.05 / 1.125, 0.075 / 1.125]
    doubt = -sum(x * math.log(x) for x in p)
    divergence = sum(share * math.log(share / x) for share, x in zip((0.6, 0.4), p, strict=True))
    surprise = sum(x * math.log(x / y) for q in ((0.9, 0.1), (0.7, 0.3)) for x, y in zip(p, q, strict=True))
    expected = 3 * (doubt + 2 * divergence + 0.5 * surprise)
    assert joint_coupling(log_q, shares, 3.0, 2.0).item() == pytest.approx(expected)


def test_copies_of_a_modality_count_as_one():
    """Two arms that agree say no more than one of them."""
    log_q = posteriors(2)
    shares = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    alone, twice = joint_coupling(log_q, shares), joint_coupling(log_q.repeat_interleave(2, 0), shares, copies=2)
    certain, surprise = alone - surprise_of(log_q, shares) / 2, surprise_of(log_q, shares)
    torch.testing.assert_close(twice, 6 * certain + 3 / 2 * 2 * surprise)


def surprise_of(log_q: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """``E_x Σ_a KL(p ‖ q_a)`` of two modalities."""
    joint = (log_q.sum(0) - shares.log()).log_softmax(-1)
    return (joint.exp() * (joint - log_q)).sum((0, -1)).mean()


def test_an_indifferent_arm_leaves_the_others_alone_in_the_joint_coupling():
    """An arm that says .5 and .5 of all cells: pairs draw the sure arm towards it, the joint coupling does not."""
    sure = (3 * torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)).requires_grad_()
    log_q = torch.stack([sure.log_softmax(-1), torch.zeros_like(sure).log_softmax(-1)])
    (drawn,) = torch.autograd.grad(consensus_coupling(log_q), sure, retain_graph=True)
    (left,) = torch.autograd.grad(joint_coupling(log_q), sure)
    towards_indifference = torch.sign(sure.detach())
    assert (drawn * towards_indifference > 0.01).all()
    assert (left * towards_indifference <= 0).all()


@pytest.mark.parametrize("name", MODALITY_COUPLINGS)
def test_what_is_masked_has_no_influence(name):
    logits = posteriors(3).requires_grad_()
    value = MODALITY_COUPLINGS[name](logits.log_softmax(-1), mask=MASK)
    value.backward()
    assert (logits.grad[MASK == 0] == 0).all()
    assert (logits.grad[MASK[:, 2] == 1].abs().sum(-1) > 0).any()
    others = torch.where(MASK[..., None] == 0, posteriors(3, seed=1), logits.detach())
    torch.testing.assert_close(MODALITY_COUPLINGS[name](others.log_softmax(-1), mask=MASK), value.detach())
