import pytest
import torch
from torch.distributions import Categorical

from mixvi.objective import aitchison_coupling, category_kl, coupled_bound, entropy, mixture_bound, perturb


@pytest.fixture
def terms():
    generator = torch.Generator().manual_seed(0)
    reconstruction, kl = torch.rand(2, 3, 6, generator=generator, dtype=torch.float64)
    return reconstruction, kl, torch.randn(3, 6, 4, generator=generator, dtype=torch.float64).log_softmax(-1)


def test_mixture_bound_is_eq_3(terms):
    reconstruction, kl, log_q = terms
    expected = reconstruction + kl + category_kl(log_q)
    torch.testing.assert_close(mixture_bound(reconstruction, kl, category_kl(log_q)), expected)


def test_mixture_bound_is_below_the_evidence():
    """On a model that can be enumerated (no state), minus the bound never exceeds log p(x), and meets it at p(c|x)."""
    log_likelihood = torch.tensor([-1.0, -3.0, -0.5], dtype=torch.float64)  # log p(x|c)
    joint = log_likelihood - torch.log(torch.tensor(3.0, dtype=torch.float64))
    evidence = joint.logsumexp(0)
    for logits in (torch.zeros(3), torch.tensor([1.0, -2.0, 0.3]), joint):
        log_q = logits.double().log_softmax(0)
        reconstruction = -(log_q.exp() * log_likelihood).sum()
        bound = mixture_bound(reconstruction, torch.tensor(0.0), category_kl(log_q))
        assert -bound <= evidence + 1e-12
    torch.testing.assert_close(-bound, evidence)  # the last one was the posterior


def test_coupled_bound_by_hand():
    reconstruction = torch.tensor([[1.0, 3.0], [5.0, 7.0]])  # two arms, two cells
    kl = torch.tensor([[0.5, 0.5], [0.0, 1.0]])
    assert coupled_bound(reconstruction, kl, torch.tensor(2.0)) == (6.5 + 11.5) / 2 + 2


def test_pair_term_is_the_divergence_of_eq_44():
    """Σ_{ca,cb} q_a q_b log(q_a q_b / p(ca,cb)) with log p = −λ D[ca,cb] is −H_a − H_b + λ E[D] (Eq. 43 to 44)."""
    log_a, log_b = torch.randn(2, 4, dtype=torch.float64).log_softmax(-1)
    distance, weight = torch.rand(4, 4, dtype=torch.float64), 1.3
    joint = log_a[:, None] + log_b
    exact = (joint.exp() * (joint + weight * distance)).sum()
    expected_distance = (joint.exp() * distance).sum()
    torch.testing.assert_close(exact, weight * expected_distance - entropy(log_a) - entropy(log_b))


def test_remark_1(terms):
    """Eq. 7 is (A−1) times the Lagrangian of Eq. 8 with multiplier λ/(A−1) of every pair's distance."""
    reconstruction, kl, log_q = terms
    n_arms, weight = 3, 0.7
    eq_7 = coupled_bound(reconstruction, kl, aitchison_coupling(log_q, weight))
    u = perturb(log_q)
    pairs = [(a, b) for a in range(n_arms) for b in range(a + 1, n_arms)]
    distance = sum((u[a] - u[b]).square().sum(-1) for a, b in pairs)
    eq_8 = (reconstruction + kl - entropy(log_q)).sum(0)
    lagrangian = (eq_8 + weight / (n_arms - 1) * distance).mean()
    torch.testing.assert_close(eq_7, (n_arms - 1) * lagrangian)


def test_entropy_is_kl_to_the_uniform_prior_up_to_a_constant(terms):
    *_, log_q = terms
    torch.testing.assert_close(entropy(log_q), Categorical(logits=log_q).entropy())
    difference = category_kl(log_q) + entropy(log_q)
    torch.testing.assert_close(difference, difference[:1, :1].expand_as(difference))
