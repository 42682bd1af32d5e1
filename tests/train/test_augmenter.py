import pytest
import torch

from mixvi.augment import VAEGAN
from mixvi.train import AugmenterTrainingPlan, squared_distance_to_nearest


@pytest.fixture
def plan() -> AugmenterTrainingPlan:
    torch.manual_seed(0)
    x = torch.poisson(torch.rand(60, 12) * 8)
    generator = VAEGAN(12, n_components=5, n_hidden=16)
    generator.fit(x)
    plan = AugmenterTrainingPlan(generator, x)
    plan.x = x
    plan.on_fit_start()
    return plan


def test_squared_distance_to_nearest_by_hand():
    cells = torch.tensor([[0.0], [1.0], [3.0]])
    assert squared_distance_to_nearest(cells, cells).tolist() == [1.0, 1.0, 4.0]  # none is its own neighbour
    assert squared_distance_to_nearest(torch.tensor([[5.0]]), cells).tolist() == [4.0]


def test_every_cell_has_its_own_margin(plan):
    cell = plan.generator.projection(plan.x)
    distance = torch.cdist(cell, cell).fill_diagonal_(float("inf")).amin(1)
    torch.testing.assert_close(plan.margin(cell), (distance / 3).square(), rtol=1e-3, atol=1e-3)


def test_the_discriminators_gradient_is_bounded(plan):
    with torch.no_grad():
        for layer in plan.discriminator[::2]:
            layer.parametrizations.weight.original.mul_(1000)
    for _ in range(20):  # power iterations
        plan._judge(plan.generator.projection(plan.x))
    x = (10 * torch.randn(50, 5)).requires_grad_()
    plan._judge(x).sum().backward()
    assert x.grad.norm(dim=1).max() < 1.05


def gradient_of_noise(plan: AugmenterTrainingPlan, loss: torch.Tensor) -> float:
    plan.generator.zero_grad()
    loss.backward(retain_graph=True)
    gradient = plan.generator.noise.weight.grad
    return 0.0 if gradient is None else float(gradient.abs().max())


def test_discriminator_triplet_and_divergence_reach_the_noise_and_the_reconstruction_does_not(plan):
    terms, seen = plan.terms(plan.x)
    assert gradient_of_noise(plan, terms["triplet"].mean()) > 0
    assert gradient_of_noise(plan, terms["divergence"].mean()) > 0
    assert gradient_of_noise(plan, plan._judge(seen[2]).mean()) > 0
    assert gradient_of_noise(plan, terms["log_prob"].mean()) == 0  # only the noise-free copy is reconstructed


def test_the_discriminator_sees_cells_and_sampled_copies(plan):
    _, seen = plan.terms(plan.x)
    assert torch.equal(seen[0], plan.generator.projection(plan.x))
    assert not torch.allclose(seen[1], seen[2])


def test_frozen_when_it_ends(plan):
    assert all(parameter.requires_grad for parameter in plan.generator.parameters())
    plan.on_fit_end()
    assert not any(parameter.requires_grad for parameter in plan.generator.parameters())
    assert plan.generator.trained
