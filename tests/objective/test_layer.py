import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mixvi.objective import layer as layer_module
from mixvi.objective import negative_binomial, negative_binomial_of_layer
from mixvi.objective.layer import compressed_rows

N_HIDDEN, N_GENES = 4, 7


def cells_and_layer(sizes, seed=0, one_theta=False):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)  # noqa: E731
    n_cells, n_groups = sum(sizes), len(sizes)
    x = torch.poisson(3 * torch.rand(n_cells, N_GENES, generator=generator), generator=generator)
    x[:1] = 0  # a cell without counts
    x[1:2, 0] = 200  # a count that is not looked up
    log_theta = draw(1 if one_theta else n_groups, N_GENES)
    leaves = draw(n_cells, N_HIDDEN), draw(n_groups, N_HIDDEN, N_GENES), draw(n_groups, N_GENES), log_theta
    return x, [leaf.requires_grad_() for leaf in leaves]


def plain(x, h, sizes, weight, bias, log_theta):
    """The same by PyTorch's operations, in double precision."""
    x, h, weight, bias, log_theta = (values.double() for values in (x, h, weight, bias, log_theta))
    parts = zip(x.split(sizes), h.split(sizes), weight, bias, log_theta.expand(len(weight), -1), strict=True)
    total = [part.sum(1, keepdim=True).clamp_min(1).log() for part in x.split(sizes)]
    return torch.cat(
        [
            negative_binomial(x_g, (h_g @ w + b).log_softmax(1) + n, theta)
            for (x_g, h_g, w, b, theta), n in zip(parts, total, strict=True)
        ]
    )


def gradients(function, x, sizes, leaves, of_cells):
    h, *others = leaves
    value = function(x, h, sizes, *others)
    return value.detach(), *torch.autograd.grad((of_cells.to(value) * value).sum(), leaves)


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000),
    sizes=st.lists(st.integers(0, 9), min_size=1, max_size=3).filter(sum),
    at_once=st.sampled_from([1, 4, 256]),
    equally=st.booleans(),
    one_theta=st.booleans(),
)
def test_value_and_gradient_are_those_of_the_plain_form(seed, sizes, at_once, equally, one_theta):
    x, leaves = cells_and_layer(sizes, seed, one_theta)
    of_cells = torch.full((len(x),), -0.3) if equally else torch.linspace(-1, 1, len(x))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layer_module, "CELLS_AT_ONCE", at_once)
        found = gradients(negative_binomial_of_layer, x, sizes, leaves, of_cells)
    for one, expected in zip(found, gradients(plain, x, sizes, leaves, of_cells), strict=True):
        torch.testing.assert_close(one.double(), expected.double(), rtol=2e-4, atol=2e-4)


def test_compressed_rows_are_the_counts_that_are_not_zero():
    x = torch.tensor([[0.0, 5.0, 0.0], [0.0, 0.0, 0.0], [7.0, 0.0, 1.0]])
    values, columns, starts = compressed_rows(x)
    assert values.tolist() == [5, 7, 1]
    assert columns.tolist() == [1, 0, 2]
    assert starts.tolist() == [0, 1, 1, 3]


def test_zeros_among_the_counts_of_compressed_rows_change_nothing():
    x, (h, *others) = cells_and_layer([5])
    everything = x.flatten(), torch.arange(N_GENES).repeat(5), N_GENES * torch.arange(6)
    expected = negative_binomial_of_layer(x, h, [5], *others)
    found = negative_binomial_of_layer(everything, h, [5], *others)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_value_needs_no_gradient():
    x, (h, *others) = cells_and_layer([3, 4])
    with torch.no_grad():
        value = negative_binomial_of_layer(x, h, [3, 4], *others)
    assert torch.equal(value, negative_binomial_of_layer(x, h, [3, 4], *others).detach())


def test_threads_share_the_cells(monkeypatch):
    monkeypatch.setattr(layer_module, "CELLS_AT_ONCE", 3)
    x, leaves = cells_and_layer([20, 11])
    expected = gradients(negative_binomial_of_layer, x, [20, 11], leaves, torch.ones(31))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    found = gradients(negative_binomial_of_layer, x, [20, 11], leaves, torch.ones(31))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("log_theta", [-60.0, -12.0, 12.0, 60.0])
def test_extreme_values_stay_finite(log_theta):
    x, bias = torch.tensor([[0.0, 1.0, 1e7, 0.0]]), torch.tensor([[300.0, -300.0, 0.0, 5.0]])
    leaves = torch.zeros(1, 2), torch.zeros(1, 2, 4), bias, torch.full((1, 4), log_theta)
    found = gradients(negative_binomial_of_layer, x, [1], [leaf.requires_grad_() for leaf in leaves], torch.ones(1))
    assert all(values.isfinite().all() for values in found)


def test_what_is_no_number_stays_none():
    x, leaves = cells_and_layer([4])
    leaves[0].data[2, 1] = float("nan")
    value, of_h, of_weight, *_ = gradients(negative_binomial_of_layer, x, [4], leaves, torch.ones(4))
    assert value.isnan().tolist() == [False, False, True, False]
    assert of_h[2].isnan().all() and of_weight.isnan().all()


def test_precision_is_single_within_mixed_precision():
    x, (h, *others) = cells_and_layer([3, 4])
    expected = negative_binomial_of_layer(x, h, [3, 4], *others)
    with torch.autocast("cpu", torch.bfloat16):
        value = negative_binomial_of_layer(x, h, [3, 4], *others)
        torch.testing.assert_close(value, expected)
        value.sum().backward()
    assert h.grad.isfinite().all()
