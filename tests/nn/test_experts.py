import pytest
import torch
from torch import nn

from mixvi.nn import HEADS, ExpertLinear, Experts, Routed


def one_by_one(experts: Experts, z, expert, x):
    """What experts are, written without sorting: each cell by itself, through the parameters of its expert."""
    single = []
    for cell, k in enumerate(expert.tolist()):
        alone = Experts(1, z.shape[1], experts.norm.normalized_shape[0], x.shape[1], likelihood_of(experts))
        alone.load_state_dict(
            {name: value[k : k + 1] if is_of_experts(name) else value for name, value in experts.state_dict().items()}
        )
        single.append(alone.log_prob(z[cell : cell + 1], torch.zeros(1, dtype=torch.long), x[cell : cell + 1]))
    return torch.cat(single)


def is_of_experts(name: str) -> bool:
    return name.split(".")[-1] in ("weight", "bias") and not name.startswith("norm")


def likelihood_of(experts: Experts) -> str:
    return next(name for name, head in HEADS.items() if type(experts.head) is head)


@pytest.mark.parametrize("likelihood", HEADS)
def test_every_cell_is_decoded_by_its_own_expert(likelihood):
    torch.manual_seed(0)
    experts = Experts(4, 3, 6, 5, likelihood)
    z, x = torch.randn(7, 3), torch.rand(7, 5).round()
    expert = torch.tensor([2, 0, 2, 3, 0, 2, 3])  # expert 1 has no cell
    torch.testing.assert_close(experts.log_prob(z, expert, x), one_by_one(experts, z, expert, x))


def test_values_come_back_in_the_order_of_the_cells():
    torch.manual_seed(0)
    experts = Experts(3, 2, 4, 5, "normal")
    z, expert, library = torch.randn(6, 2), torch.tensor([2, 0, 1, 0, 2, 1]), torch.ones(6, 1)
    values, order = experts.decode(z, expert, library), torch.randperm(6)
    torch.testing.assert_close(experts.decode(z[order], expert[order], library), values[order])


class CountedRows(nn.Module):
    """Counts the rows that pass through the products of expert layers."""

    def __init__(self, monkeypatch):
        super().__init__()
        self.rows, addmm = 0, torch.addmm

        def counted(bias, rows, weight):
            self.rows += len(rows) * weight.numel()
            return addmm(bias, rows, weight)

        monkeypatch.setattr(torch, "addmm", counted)


@pytest.mark.parametrize("n_experts", [1, 7, 100])
def test_work_does_not_depend_on_the_number_of_experts(n_experts, monkeypatch):
    experts, counted = Experts(n_experts, 3, 6, 5, "bernoulli"), CountedRows(monkeypatch)
    expert = torch.randint(n_experts, (64,))
    experts.log_prob(torch.randn(64, 3), expert, torch.rand(64, 5))
    assert counted.rows == 64 * (3 * 6 + 6 * 5)  # multiplications of one decoder for all cells


def test_only_experts_with_cells_learn():
    experts = Experts(3, 2, 4, 5, "normal")
    experts.log_prob(torch.randn(4, 2), torch.tensor([0, 2, 2, 0]), torch.randn(4, 5)).sum().backward()
    for layer in (experts.hidden, experts.head.location):
        assert layer.weight.grad[1].eq(0).all()
        assert layer.weight.grad[0].ne(0).any()
        assert layer.weight.grad[2].ne(0).any()


def test_gradient_in_double_precision():
    torch.manual_seed(0)
    experts = Experts(2, 2, 3, 2, "normal").double()
    z, x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True), torch.randn(4, 2, dtype=torch.float64)
    expert = torch.tensor([1, 0, 1, 1])
    assert torch.autograd.gradcheck(lambda a: experts.log_prob(a, expert, x), (z,))


def test_experts_that_are_dropped_are_gone():
    experts = Experts(4, 2, 3, 5, "nb")
    z, x, kept = torch.randn(3, 2), torch.ones(3, 5), torch.tensor([3, 1])
    before = experts.log_prob(z, torch.tensor([3, 1, 3]), x)
    experts.keep_experts(kept)
    torch.testing.assert_close(experts.log_prob(z, torch.tensor([0, 1, 0]), x), before)
    assert {len(layer.weight) for layer in experts.modules() if isinstance(layer, ExpertLinear)} == {2}


def test_linear_layer_by_hand():
    layer = ExpertLinear(2, 1, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[2.0]], [[3.0]]]))
        layer.bias.copy_(torch.tensor([[1.0], [0.0]]))
    rows = Routed(torch.tensor([[1.0], [2.0], [5.0]]), [2, 1])
    assert layer(rows).tolist() == [[[3.0], [5.0], [15.0]]]
