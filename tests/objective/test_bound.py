import pytest
import torch
from torch.autograd import gradcheck
from torch.distributions import Categorical

from mixvi.objective import (
    aitchison_coupling,
    category_kl,
    clustering_bound,
    coupled_bound,
    entropy,
    mixture_bound,
    perturb,
    similarity_bound,
)


@pytest.fixture
def terms():
    generator = torch.Generator().manual_seed(0)
    reconstruction, kl = torch.rand(2, 3, 6, generator=generator, dtype=torch.float64)
    return reconstruction, kl, torch.randn(3, 6, 4, generator=generator, dtype=torch.float64).log_softmax(-1)


def test_mixture_bound_by_hand():
    assert mixture_bound(torch.tensor(3.0), torch.tensor(0.5), torch.tensor(0.25)) == 3.75


def test_gradients(terms):
    inputs = [x.clone().requires_grad_() for x in terms]
    assert gradcheck(lambda r, k, q: mixture_bound(r, k, category_kl(q.log_softmax(-1))), inputs)
    assert gradcheck(lambda r, k, q: coupled_bound(r, k, aitchison_coupling(q.log_softmax(-1))), inputs)


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
    """Σ_{ca,cb} q_a q_b log(q_a q_b / p(ca,cb)) with log p = −λ d_σ² is the coupling (Eq. 43 to 44)."""
    log_q, weight = torch.randn(2, 5, 4, dtype=torch.float64).log_softmax(-1), 1.3
    distance = (perturb(log_q)[0] - perturb(log_q)[1]).square().sum(-1)  # (cells,)
    joint = log_q[0][:, :, None] + log_q[1][:, None]  # (cells, categories, categories)
    exact = (joint.exp() * (joint + weight * distance[:, None, None])).sum((1, 2)).mean()
    torch.testing.assert_close(aitchison_coupling(log_q, weight), exact)


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


def test_equation_10_by_hand():
    similarity, depict, shares = torch.tensor([1.0, 3.0, 0.5])
    assert clustering_bound(similarity, depict, shares, depict_weight=0.5, weight=10.0) == 10 * (1 + 1.5 + 0.5)


def test_equation_11_by_hand():
    reconstruction, component = torch.tensor([1.0, 3.0]), torch.tensor([0.5, 1.5])
    loss = similarity_bound(reconstruction, component, torch.tensor(4.0), torch.tensor(7.0), covariance_weight=0.5)
    assert loss == (2 + 1) + 0.5 * 4 + 7
