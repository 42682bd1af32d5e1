"""Against scipy's densities and Monte Carlo, in double precision."""

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal, norm

from mixvi.objective import component_log_density, mixture_category_kl, mixture_state_kl, responsibilities

WEIGHTS = np.array([0.2, 0.5, 0.3])
MEANS = np.array([[0.0, 1.0], [2.0, -1.0], [-1.5, 0.5]])
VARIANCES = np.array([[1.0, 0.5], [0.3, 2.0], [1.5, 0.8]])
PRIOR = torch.tensor(WEIGHTS).log(), torch.tensor(MEANS), torch.tensor(VARIANCES).log()
COMPONENTS = [multivariate_normal(m, np.diag(v)) for m, v in zip(MEANS, VARIANCES, strict=True)]


@pytest.fixture
def z():
    return np.random.default_rng(0).normal(size=(7, 2))


def test_densities_and_responsibilities(z):
    densities = np.stack([component.pdf(z) for component in COMPONENTS], 1)
    np.testing.assert_allclose(component_log_density(torch.tensor(z), *PRIOR[1:]), np.log(densities))
    joint = densities * WEIGHTS
    gamma = joint / joint.sum(1, keepdims=True)
    np.testing.assert_allclose(responsibilities(torch.tensor(z), *PRIOR).exp(), gamma)


def test_divergence_from_the_closed_form(z):
    mean, variance = z, np.exp(np.random.default_rng(1).normal(size=z.shape))
    gamma = np.random.default_rng(2).dirichlet([1, 1, 1], 7)
    expected = np.zeros(7)
    for k in range(3):
        ratio = variance / VARIANCES[k]
        expected += gamma[:, k] * 0.5 * (ratio - 1 - np.log(ratio) + (mean - MEANS[k]) ** 2 / VARIANCES[k]).sum(1)
    found = mixture_state_kl(torch.tensor(mean), torch.tensor(variance).log(), torch.tensor(gamma).log(), *PRIOR[1:])
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(
        mixture_category_kl(torch.tensor(gamma).log(), PRIOR[0]), (gamma * np.log(gamma / WEIGHTS)).sum(1)
    )


def test_the_bound_is_that_of_the_mixture_by_monte_carlo():
    """``log q(z|x) + log γ − log p(z, c)``, averaged over draws of both, is the sum of the two divergences."""
    rng = np.random.default_rng(3)
    mean, deviation, gamma = np.array([0.4, -0.2]), np.array([0.7, 1.2]), np.array([0.6, 0.3, 0.1])
    z = mean + deviation * rng.normal(size=(400_000, 2))
    c = rng.choice(3, len(z), p=gamma)
    log_q = norm(mean, deviation).logpdf(z).sum(1) + np.log(gamma[c])
    log_p = np.stack([component.logpdf(z) for component in COMPONENTS], 1)[np.arange(len(z)), c] + np.log(WEIGHTS[c])
    log_gamma = torch.tensor(gamma).log()
    found = mixture_state_kl(torch.tensor(mean), torch.tensor(deviation**2).log(), log_gamma, *PRIOR[1:])
    found = found + mixture_category_kl(log_gamma, PRIOR[0])
    assert float(found) == pytest.approx((log_q - log_p).mean(), abs=0.02)


def test_a_cell_that_is_its_component_costs_nothing():
    log_gamma = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64).clamp_min(1e-300).log()
    assert mixture_state_kl(PRIOR[1][1], PRIOR[2][1], log_gamma, *PRIOR[1:]).abs() < 1e-12
