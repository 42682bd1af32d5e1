import pytest
import torch

from mixvi.nn import ArmBlock, ArmLayerNorm, ArmLinear


@pytest.mark.parametrize("shared", [False, True])
def test_linear_applies_each_arms_own_layer(shared):
    layer = ArmLinear(3, 4, 2, shared)
    x = torch.randn(3, 5, 4)
    for arm, y in enumerate(layer(x)):
        w, b = layer.weight[0 if shared else arm], layer.bias[0 if shared else arm]
        torch.testing.assert_close(y, x[arm] @ w + b)
    assert len(layer.weight) == (1 if shared else 3)


def test_cpu_layout_equals_the_batched_product():
    layer, x = ArmLinear(3, 4, 2), torch.randn(3, 5, 4)
    torch.testing.assert_close(layer(x), torch.baddbmm(layer.bias[:, None], x, layer.weight))


def test_gradients_are_those_of_the_batched_product():
    layer, x = ArmLinear(2, 3, 4).double(), torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    leaves = (x, layer.weight, layer.bias)
    target = torch.randn(2, 5, 4, dtype=torch.float64)
    batched = torch.baddbmm(layer.bias[:, None], x, layer.weight)
    gradients = [torch.autograd.grad((y - target).square().sum(), leaves) for y in (layer(x), batched)]
    torch.testing.assert_close(*gradients)


def test_arms_do_not_touch_each_other():
    layer, x = ArmLinear(2, 4, 3), torch.randn(2, 5, 4)
    layer(x)[0].sum().backward()
    assert layer.weight.grad[0].abs().sum() > 0
    assert layer.weight.grad[1].abs().sum() == 0


def test_keeping_features():
    layer, x = ArmLinear(2, 4, 3), torch.randn(2, 5, 4)
    before, index = layer(x), torch.tensor([2, 0])
    layer.keep_outputs(index)
    torch.testing.assert_close(layer(x), before[..., index])
    zeroed = x.clone()
    zeroed[..., [1, 3]] = 0
    before = layer(zeroed)
    layer.keep_inputs(torch.tensor([0, 2]))
    torch.testing.assert_close(layer(x[..., [0, 2]]), before)


def test_layer_norm_starts_standardised_and_sees_one_cell_at_a_time():
    norm, x = ArmLayerNorm(2, 6), 5 + 3 * torch.randn(2, 4, 6)
    y = norm(x)
    torch.testing.assert_close(y.mean(-1), torch.zeros(2, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(y.var(-1, unbiased=False), torch.ones(2, 4), atol=1e-3, rtol=0)
    torch.testing.assert_close(norm(x[:, :1]), y[:, :1])


def test_block_drops_units_in_training_only():
    block, x = ArmBlock(2, 4, 50, dropout_rate=0.5), torch.randn(2, 3, 4)
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))
