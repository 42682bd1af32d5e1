from functools import partial

import pytest
import torch
from scvi.distributions import NegativeBinomial

from mixvi.nn import HEADS, ArmLinear


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("shared", [False, True])
def test_shapes_and_finite_gradients(name, shared):
    head = HEADS[name](2, 8, 5, shared)
    x = torch.poisson(torch.ones(2, 7, 5)).clamp_max(1)
    log_prob = head.log_prob(torch.randn(2, 7, 8), x)
    assert log_prob.shape == (2, 7)
    log_prob.sum().backward()
    assert all(p.grad.isfinite().all() for p in head.parameters())


def test_negative_binomial_uses_the_cells_library_size():
    head = HEADS["nb"](1, 3, 4)
    h, x = torch.randn(1, 6, 3), 10 * torch.poisson(torch.ones(1, 6, 4)) + 1
    share = head.log_scale(h).exp()
    torch.testing.assert_close(share.sum(-1), torch.ones(1, 6))
    expected = NegativeBinomial(mu=share * x.sum(-1, keepdim=True), theta=head.log_theta.exp()).log_prob(x).sum(-1)
    torch.testing.assert_close(head.log_prob(h, x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", HEADS)
def test_starts_at_the_average_cell(name):
    location, scale = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([1.0, 2.0, 0.5])
    head = HEADS[name](2, 4, 3)
    head.start_at(location, scale)
    h = torch.zeros(2, 1, 4)
    average = head.log_scale(h).exp() if head.counts else head.mean(h)
    torch.testing.assert_close(average, location.expand(2, 1, 3))


def test_an_empty_copy_of_a_cell_is_finite():
    for name in ("nb", "zinb"):
        assert HEADS[name](1, 3, 4).log_prob(torch.randn(1, 2, 3), torch.zeros(1, 2, 4)).isfinite().all()


def test_expected_counts_add_up_to_the_library_size_and_values_have_none():
    h = torch.randn(2, 7, 8)
    for name, make in HEADS.items():
        head = make(2, 8, 5)
        one, hundred = head.mean(h), head.mean(h, 100.0)
        torch.testing.assert_close(hundred, 100 * one if head.counts else one)
        if head.counts:
            torch.testing.assert_close(hundred.sum(-1), torch.full((2, 7), 100.0))
        assert one.shape == (2, 7, 5), name


@pytest.mark.parametrize("name", HEADS)
def test_samples_have_the_likelihood_of_the_head(name):
    torch.manual_seed(0)
    head, h, library = HEADS[name](1, 3, 2), torch.randn(1, 1, 3).expand(1, 20_000, 3), torch.full((20_000, 1), 8.0)
    samples = head.sample(h, library)  # (1, samples, genes)
    expected = head.mean(h, library)[:, :1]
    if name == "zinb":
        expected = expected * (-head.dropout(h[:, :1])).sigmoid()
    spread = samples.std(1) / samples.shape[1] ** 0.5
    assert ((samples.mean(1) - expected[:, 0]).abs() < 5 * spread).all()
    if name == "nb":
        mean, theta = expected[0, 0], head.log_theta.exp()[0, 0]
        torch.testing.assert_close(samples[0].var(0), mean + mean.square() / theta, rtol=0.1, atol=0)
    if name == "normal":
        torch.testing.assert_close(samples[0].std(0), head.log_scale.exp()[0, 0], rtol=0.05, atol=0)
    if name == "bernoulli":
        assert set(samples.unique().tolist()) == {0.0, 1.0}


def test_output_layers_are_made_by_what_is_given():
    class Own(ArmLinear):
        pass

    for name in HEADS:
        head = HEADS[name](1, 3, 2, layer=partial(Own, 1))
        assert any(isinstance(layer, Own) for layer in head.children())
        assert head.log_prob(torch.randn(1, 4, 3), torch.ones(1, 4, 2)).shape == (1, 4)
