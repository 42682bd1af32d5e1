import torch

from mixvi.objective import depict_loss, depict_target


def test_target_of_equation_9_by_hand():
    p = torch.tensor([[0.5, 0.5], [0.5, 0.5], [0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]]).clamp_min(1e-20)
    p[2:] = torch.tensor([0.2, 0.8])  # columns sum to 1.8 and 4.2
    weighted = p / torch.tensor([1.8, 4.2]).sqrt()
    torch.testing.assert_close(depict_target(p.log()), weighted / weighted.sum(1, keepdim=True))


def test_target_favours_the_smaller_category():
    p = torch.tensor([[0.5, 0.5], [0.1, 0.9], [0.1, 0.9]])
    target = depict_target(p.log())
    assert target[0, 0] > 0.5
    torch.testing.assert_close(target.sum(1), torch.ones(3))


def test_loss_of_equation_8_by_hand():
    log_p = torch.tensor([[0.5, 0.5], [0.5, 0.5]]).log()  # the target is the same: both categories are equally large
    noisy = torch.tensor([[0.25, 0.75], [0.5, 0.5]])
    expected = -0.5 * (0.5 * noisy.log().sum())
    torch.testing.assert_close(depict_loss(log_p, noisy.log()), expected)


def test_gradient_goes_through_the_noisy_branch_only():
    torch.manual_seed(0)
    clean, noisy = (torch.randn(4, 3, dtype=torch.float64, requires_grad=True) for _ in range(2))
    depict_loss(clean.log_softmax(-1), noisy.log_softmax(-1)).backward()
    assert clean.grad is None
    target = depict_target(clean.log_softmax(-1))
    torch.testing.assert_close(noisy.grad, (noisy.softmax(-1) - target) / 4)  # of a softmax under cross-entropy
    assert torch.autograd.gradcheck(lambda a: depict_loss(clean.log_softmax(-1), a.log_softmax(-1)), (noisy,))
