import math

import pytest
import torch

from mixvi.objective import same_category, similarity_loss

EVERY = ~torch.eye(3, dtype=torch.bool)


def test_probability_of_being_alike_by_hand():
    p = torch.tensor([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])
    expected = torch.tensor([[0.5, 0.5, 0.5], [0.5, 0.625, 0.25], [0.5, 0.25, 1.0]])
    torch.testing.assert_close(same_category(p, wrong=0.0), expected)
    torch.testing.assert_close(same_category(p, wrong=0.1), 0.1 + 0.8 * expected)


def test_equation_7_by_hand():
    p = torch.tensor([[0.5, 0.5], [0.25, 0.75], [0.8, 0.2]])
    target = torch.zeros(3, 3)
    target[0, 1] = target[1, 0] = 1
    linked, first, second = (0.05 + 0.9 * x for x in (0.5, 0.5, 0.25 * 0.8 + 0.75 * 0.2))  # (0, 1), (0, 2), (1, 2)
    apart = 0.5 * (math.log(1 - first) + math.log(1 - second))
    loss = similarity_loss(p, target, EVERY, apart_weight=2.0)
    torch.testing.assert_close(loss, torch.tensor(-math.log(linked) - 2 * apart))


def test_partial_similarity_counts_as_both():
    p = torch.tensor([[0.6, 0.4], [0.3, 0.7]])
    target, pairs = torch.tensor([[0.0, 0.25], [0.25, 0.0]]), ~torch.eye(2, dtype=torch.bool)
    alike = 0.05 + 0.9 * (0.6 * 0.3 + 0.4 * 0.7)
    expected = -math.log(alike) - math.log(1 - alike)  # each is an average over one pair
    torch.testing.assert_close(similarity_loss(p, target, pairs), torch.tensor(expected))


def test_pairs_that_tell_nothing_do_not_count():
    p = torch.randn(3, 4).softmax(-1)
    target = torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    informative = torch.zeros(3, 3, dtype=torch.bool)
    informative[0, 1] = informative[1, 0] = True
    torch.testing.assert_close(similarity_loss(p, target, informative), -same_category(p)[0, 1].log())
    assert similarity_loss(p, target, torch.zeros_like(informative)) == 0


def test_loss_is_least_where_linked_cells_share_a_category():
    target = torch.block_diag(torch.ones(2, 2), torch.ones(2, 2)) - torch.eye(4)
    pairs = ~torch.eye(4, dtype=torch.bool)
    right, wrong, one = (torch.eye(2)[list(kinds)] for kinds in ((0, 0, 1, 1), (0, 1, 0, 1), (0, 0, 0, 0)))
    losses = [float(similarity_loss(p, target, pairs)) for p in (right, one, wrong)]
    assert losses == sorted(losses)
    assert math.isclose(losses[0], -2 * math.log(0.95), rel_tol=1e-5)  # no less is possible


@pytest.mark.parametrize("apart_weight", [0.0, 0.3])
def test_gradient_in_double_precision(apart_weight):
    torch.manual_seed(0)
    logits = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    target = torch.rand(5, 5, dtype=torch.float64).round().triu(1)
    target = target + target.T
    pairs = ~torch.eye(5, dtype=torch.bool)
    assert torch.autograd.gradcheck(lambda a: similarity_loss(a.softmax(-1), target, pairs, apart_weight), (logits,))


def test_a_wrong_link_between_sure_cells_costs_little_and_pulls_little():
    logits = torch.tensor([[20.0, 0.0], [0.0, 20.0], [0.0, 1.0]], requires_grad=True)
    target = torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])
    loss = similarity_loss(logits.softmax(-1), target, EVERY)
    loss.backward()
    assert loss < -math.log(0.05) - math.log(0.05)
    assert logits.grad[:2].abs().max() < 1e-4 < logits.grad[2].abs().max()
