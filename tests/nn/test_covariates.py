import pytest
import torch

from mixvi.nn import ArmLinear, ExtendedArmLinear, indicators, one_hot_or_average


def test_levels_by_hand():
    level = torch.tensor([0, 2, 3, 9])
    third = [1 / 3] * 3
    torch.testing.assert_close(one_hot_or_average(level, 3), torch.tensor([[1.0, 0, 0], [0, 0, 1], third, third]))
    torch.testing.assert_close(indicators(level, 3, 2), torch.tensor([[0.0, 0], [0, 0], [1, 0], [0, 0]]))


@pytest.mark.parametrize("shared", [False, True])
def test_more_inputs(shared):
    layer = ArmLinear(2, 3, 4, shared)
    extended = ExtendedArmLinear(layer, 2)
    x, zeros = torch.randn(2, 5, 3), torch.zeros(2, 5, 2)
    assert torch.equal(extended(torch.cat([x, zeros], -1)), layer(x))
    torch.nn.init.normal_(extended.new)
    assert torch.equal(extended(torch.cat([x, zeros], -1)), layer(x))  # to the bit
    one = torch.tensor([0.0, 1]).expand(2, 5, 2)
    torch.testing.assert_close(extended(torch.cat([x, one], -1)), layer(x) + extended.new[:, 1:])
    assert [name for name, p in extended.named_parameters() if p.requires_grad] == ["new"]
