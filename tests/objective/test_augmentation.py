import math

import torch
from torch.distributions import Independent, Normal, kl_divergence

from mixvi.objective import (
    adversarial_value,
    augmenter_loss,
    generator_adversarial_loss,
    latent_divergence,
    triplet_loss,
)

UNSURE = torch.zeros(4)


def test_adversarial_value_by_hand():
    assert math.isclose(adversarial_value(UNSURE, UNSURE, UNSURE), 3 * math.log(0.5), rel_tol=1e-6)
    logits = torch.tensor([math.log(3.0)])  # D = 3/4
    expected = math.log(3 / 4) + 2 * math.log(1 / 4)
    assert math.isclose(adversarial_value(logits, logits, logits), expected, rel_tol=1e-6)


def test_the_discriminator_gains_by_telling_cells_from_copies():
    assert adversarial_value(UNSURE + 5, UNSURE - 5, UNSURE - 5) > adversarial_value(UNSURE, UNSURE, UNSURE)
    assert adversarial_value(UNSURE - 5, UNSURE + 5, UNSURE + 5) < adversarial_value(UNSURE, UNSURE, UNSURE)


def test_the_generators_loss_by_hand_and_its_gradient_where_the_discriminator_is_sure():
    logits = torch.tensor([math.log(3.0)])
    assert math.isclose(generator_adversarial_loss(logits, UNSURE), -math.log(3 / 4) + math.log(2), rel_tol=1e-6)
    sure = torch.full((1,), -20.0, requires_grad=True)
    generator_adversarial_loss(UNSURE[:1], sure).backward()
    assert sure.grad < -0.99


def test_triplet_loss_by_hand():
    cell, near, far = torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 2.0]])
    assert triplet_loss(cell, near, far, 5.0).tolist() == [1.0]  # 1 − 5 + 5
    assert triplet_loss(cell, near, far, 4.0).tolist() == [0.0]  # as far as it should
    assert triplet_loss(cell, near, far, 3.0).tolist() == [1.0]  # too far: the papers' would be 0
    assert triplet_loss(cell, far, near, 1.0).tolist() == [5.0]  # 5 − 1 + 1


def test_latent_divergence_by_hand_and_against_torch():
    zero, one = torch.zeros(1), torch.ones(1)
    assert latent_divergence(zero, zero, zero, zero) == 0
    assert latent_divergence(zero, zero, 2 * one, zero) == 2  # half the squared distance in units of the spread
    mean, log_var, noisy_mean, noisy_log_var = torch.randn(4, 6, 3, dtype=torch.float64)
    q = Independent(Normal(mean, (0.5 * log_var).exp()), 1)
    q_noisy = Independent(Normal(noisy_mean, (0.5 * noisy_log_var).exp()), 1)
    torch.testing.assert_close(latent_divergence(mean, log_var, noisy_mean, noisy_log_var), kl_divergence(q, q_noisy))


def test_augmenter_loss_by_hand():
    terms = torch.tensor([-3.0, -5.0]), torch.tensor([0.0, 1.0]), torch.tensor([10.0, 30.0])
    assert math.isclose(
        augmenter_loss(torch.tensor(2.0), *terms, divergence_weight=0.1, triplet_weight=4), 2 + 4 + 2 + 2, rel_tol=1e-6
    )
