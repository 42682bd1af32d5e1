import torch
from torch.distributions import MultivariateNormal, kl_divergence

from mixvi.objective import cluster_means, cluster_variances, component_kl, covariance_kl


def test_centres_of_equation_6_by_hand():
    p = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]])
    z = torch.tensor([[2.0, 0.0], [4.0, 2.0]])
    means, size = cluster_means(p, z)
    torch.testing.assert_close(means, torch.tensor([[4 / 1.5, 1 / 1.5], [4.0, 2.0], [0.0, 0.0]]))
    torch.testing.assert_close(size, torch.tensor([1.5, 0.5, 0.0]))


def test_variances_are_those_of_samples():
    torch.manual_seed(0)
    labels = torch.arange(2).repeat(3)
    mean, variance = torch.randn(6, 3, dtype=torch.float64), torch.rand(6, 3, dtype=torch.float64)
    p = torch.eye(3, dtype=torch.float64)[labels]
    centres, _ = cluster_means(p, mean)
    samples = mean + variance.sqrt() * torch.randn(200_000, 6, 3, dtype=torch.float64)
    found = cluster_variances(p, mean, variance, centres)
    for k in range(2):
        expected = (samples[:, labels == k] - centres[k]).square().mean((0, 1))
        torch.testing.assert_close(found[k], expected, rtol=0.02, atol=0)
    torch.testing.assert_close(found[2], torch.ones(3, dtype=torch.float64))  # empty


def test_equation_3_is_the_divergence_of_gaussians():
    variances = torch.tensor([[0.5, 2.0], [1.0, 1.0], [4.0, 0.1]])
    shares = torch.tensor([0.5, 0.2, 0.3])
    target = MultivariateNormal(torch.zeros(2), torch.eye(2))
    divergences = [kl_divergence(target, MultivariateNormal(torch.zeros(2), v.diag())) for v in variances]
    torch.testing.assert_close(covariance_kl(variances, shares), (shares * torch.stack(divergences)).sum())
    assert covariance_kl(torch.ones(4, 2), torch.full((4,), 0.25)) == 0


def test_equation_2_is_the_divergence_of_gaussians():
    torch.manual_seed(0)
    mean, log_var, centre = torch.randn(3, 5, 4)
    expected = [
        kl_divergence(MultivariateNormal(m, v.exp().diag()), MultivariateNormal(c, torch.eye(4)))
        for m, v, c in zip(mean, log_var, centre, strict=True)
    ]
    torch.testing.assert_close(component_kl(mean, log_var, centre), torch.stack(expected))


def test_gradients_in_double_precision():
    torch.manual_seed(0)
    mean, log_var = (torch.randn(6, 2, dtype=torch.float64, requires_grad=True) for _ in range(2))
    p = torch.rand(6, 3, dtype=torch.float64).softmax(-1)

    def covariance(mean, log_var):
        centres, size = cluster_means(p, mean)
        return covariance_kl(cluster_variances(p, mean, log_var.exp(), centres), size / 6)

    assert torch.autograd.gradcheck(covariance, (mean, log_var))
    centre = torch.randn(6, 2, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda m, v: component_kl(m, v, centre), (mean, log_var))
