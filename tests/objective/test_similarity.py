import math

import pytest
import torch

from mixvi.objective import shared_category, similarity_loss

EVERY = ~torch.eye(3, dtype=torch.bool)


def test_probability_of_a_shared_category_by_hand():
    p = torch.tensor([[0.5, 0.5], [1 / 4, 3 / 4], [1.0, 0.0]])
    shared = shared_category(p.log(), torch.tensor([0, 0, 1]), torch.tensor([1, 2, 2]))
    torch.testing.assert_close(shared.exp(), torch.tensor([0.5, 0.5, 0.25]))


def test_equation_7_by_hand():
    p = torch.tensor([[0.5, 0.5], [0.25, 0.75], [0.8, 0.2]])
    target = torch.zeros(3, 3)
    target[0, 1] = target[1, 0] = 1
    linked, first, second = 0.5, 0.5, 0.25 * 0.8 + 0.75 * 0.2  # of the pairs (0, 1), (0, 2) and (1, 2)
    apart = 0.5 * (math.log(1 - first) + math.log(1 - second))
    loss = similarity_loss(p.log(), target, EVERY, apart_weight=2.0)
    torch.testing.assert_close(loss, torch.tensor(-math.log(linked) - 2 * apart), atol=1e-3, rtol=0)


def test_partial_similarity_counts_as_both():
    p = torch.tensor([[0.6, 0.4], [0.3, 0.7]])
    target, pairs = torch.tensor([[0.0, 0.25], [0.25, 0.0]]), ~torch.eye(2, dtype=torch.bool)
    shared = 0.6 * 0.3 + 0.4 * 0.7
    expected = -math.log(shared) - math.log(1 - shared)  # each is an average over one pair
    torch.testing.assert_close(similarity_loss(p.log(), target, pairs), torch.tensor(expected), atol=1e-3, rtol=0)


def test_pairs_that_tell_nothing_do_not_count():
    log_p = torch.randn(3, 4).log_softmax(-1)
    target = torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    informative = torch.zeros(3, 3, dtype=torch.bool)
    informative[0, 1] = informative[1, 0] = True
    expected = -shared_category(log_p, torch.tensor([0]), torch.tensor([1]))[0]
    torch.testing.assert_close(similarity_loss(log_p, target, informative), expected)
    assert similarity_loss(log_p, target, torch.zeros_like(informative)) == 0


def test_loss_is_least_where_linked_cells_share_a_category():
    target = torch.block_diag(torch.ones(2, 2), torch.ones(2, 2)) - torch.eye(4)
    pairs = ~torch.eye(4, dtype=torch.bool)
    right, wrong, one = (
        (torch.eye(2)[list(kinds)] * 0.98 + 0.01).log() for kinds in ((0, 0, 1, 1), (0, 1, 0, 1), (0, 0, 0, 0))
    )
    losses = [similarity_loss(log_p, target, pairs) for log_p in (right, one, wrong)]
    assert losses[0] < 0.1 < losses[1] < losses[2]


@pytest.mark.parametrize("apart_weight", [0.0, 0.3])
def test_gradient_in_double_precision(apart_weight):
    torch.manual_seed(0)
    logits = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
    target = torch.rand(5, 5, dtype=torch.float64).round().triu(1)
    target = target + target.T
    pairs = ~torch.eye(5, dtype=torch.bool)
    assert torch.autograd.gradcheck(
        lambda a: similarity_loss(a.log_softmax(-1), target, pairs, apart_weight), (logits,)
    )


def test_sure_and_wrong_cells_have_a_finite_loss_and_gradient():
    logits = torch.tensor([[200.0, 0.0], [0.0, 200.0], [0.0, 200.0]], requires_grad=True)
    target = torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])
    loss = similarity_loss(logits.log_softmax(-1), target, EVERY)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()
    assert logits.grad[0, 0] > 0 > logits.grad[0, 1]
