import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gmean

from mixvi.objective import aitchison_distance, clr, pairwise_squared_distance, perturb


def simplex(seed: int, *shape: int, concentration: float = 1.0) -> torch.Tensor:
    generator = np.random.default_rng(seed)
    p = generator.dirichlet(np.full(shape[-1], concentration), shape[:-1]) + 1e-9
    return torch.from_numpy(p / p.sum(-1, keepdims=True)).log()


seeds = st.integers(0, 10_000)
sizes = st.integers(2, 12)


def test_clr_by_hand():
    p = torch.tensor([0.1, 0.2, 0.7], dtype=torch.float64)
    torch.testing.assert_close(clr(p.log()), (p / gmean(p.numpy())).log())


@given(seeds, sizes)
def test_distance_is_that_of_all_log_ratios(seed, n):
    """Supplement Eq. 47."""
    log_p, log_q = simplex(seed, 2, n)
    ratios = (log_p[:, None] - log_p) - (log_q[:, None] - log_q)
    expected = (ratios.square().sum() / 2 / n).sqrt()  # i < j, divided by K
    torch.testing.assert_close(aitchison_distance(log_p, log_q), expected)


@given(seeds, sizes)
def test_distance_is_a_metric_that_ignores_perturbation(seed, n):
    """Supplement Eq. 49: d(x ⊕ v, y ⊕ v) = d(x, y)."""
    x, y, v = simplex(seed, 3, n)
    d = aitchison_distance
    torch.testing.assert_close(d(x + v, y + v), d(x, y))
    torch.testing.assert_close(d(x, y), d(y, x))
    assert d(x, x) == 0
    assert d(x, y) <= d(x, v) + d(v, y) + 1e-12


@given(seeds, st.integers(1, 6), st.integers(1, 5), sizes)
def test_pairwise_distance_equals_the_pair_loop(seed, n_arms, n_cells, n):
    u = 100 * simplex(seed, n_arms, n_cells, n)
    loop = sum(
        ((u[a] - u[b]).square().sum(-1) for a in range(n_arms) for b in range(a + 1, n_arms)),
        start=torch.zeros(n_cells, dtype=torch.float64),
    )
    torch.testing.assert_close(pairwise_squared_distance(u), loop)


def test_pairwise_distance_keeps_its_digits_in_single_precision():
    u = 1e4 + torch.tensor([[[0.0]], [[1.0]], [[3.0]]])
    assert pairwise_squared_distance(u).item() == pytest.approx(1 + 9 + 4)


def test_perturb_by_hand():
    q = torch.tensor([[[0.5, 0.5], [0.1, 0.9]]], dtype=torch.float64)  # one arm, two cells; σ = 0.2
    torch.testing.assert_close(perturb(q.log(), eps=0.0), q.log() / 0.2)


def test_perturb_is_finite_and_keeps_the_gradient_of_a_constant_category():
    logits = torch.zeros(2, 5, 3, requires_grad=True)
    perturb(logits.log_softmax(-1)).sum().backward()
    assert logits.grad.isfinite().all()


def proposition_3(seed, n):
    """Both sides of Proposition 3 for the first of four cells: d_S², d_σ², u = log c_a − log c_b and g of the paper."""
    log_q = simplex(seed, 2, 4, n)  # (arms, cells, categories)
    perturbed = perturb(log_q, eps=1e-12)
    inverse_a, inverse_b = 1 / log_q.exp().std(1, correction=0)  # 1/σ of each category, by arm
    (log_a, log_b), d = log_q[:, 0], pairwise_squared_distance(perturbed)[0]
    u, g = log_a - log_b, (inverse_a - 1) * log_a - (inverse_b - 1) * log_b
    return aitchison_distance(log_a, log_b).square(), d, u, g


@settings(max_examples=500)
@given(seeds, sizes)
def test_proposition_3_bounds_the_perturbed_distance(seed, n):
    """With absolute values in τ_c, τ_σ and Δ_σ, and with ρ_l = 2 Δ_σ τ_c, both bounds hold."""
    exact, perturbed, u, g = proposition_3(seed, n)
    tau_c, tau_sigma, delta = u.abs().max(), g.abs().max(), g.abs().sum()
    assert perturbed <= (exact + n * (tau_sigma**2 + tau_c**2) + 2 * delta * tau_c) * (1 + 1e-6)
    assert perturbed >= exact - 2 * delta * tau_c - 1e-9


def test_proposition_3_as_printed_does_not_hold():
    """Without absolute values many random pairs break one or the other of the printed bounds."""
    above = below = 0
    for seed in range(300):
        exact, perturbed, u, g = proposition_3(seed, 5)
        above += perturbed > exact + 5 * (g.max() ** 2 + u.max() ** 2) + 2 * g.sum() * u.max()
        below += perturbed < exact - (g.sum() ** 2 / 5 - 5 * (-g).max() ** 2)
    assert above > 30
    assert below > 30


@given(seeds, sizes)
def test_without_perturbation_the_printed_bounds_hold(seed, n):
    log_a, log_b = simplex(seed, 2, n)
    exact, perturbed = aitchison_distance(log_a, log_b).square(), (log_a - log_b).square().sum()
    assert exact - 1e-9 <= perturbed <= exact + n * (log_a - log_b).abs().max() ** 2 + 1e-9
