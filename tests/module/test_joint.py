import math

import pytest
import torch
import torch.nn.functional as F

from mixvi.module import JointVAE


@pytest.fixture
def module(sizes):
    torch.manual_seed(0)
    return JointVAE(16, n_hidden=(8,), **sizes)


def test_loss_by_hand(module, batch):
    torch.manual_seed(1)
    inference, generative, output = module(
        batch, loss_kwargs={"state_capacity": 3.0, "category_capacity": 0.5, "capacity_weight": 20.0}
    )
    rec = F.binary_cross_entropy_with_logits(module.head.logits(generative["h"])[0], batch["X"], reduction="none")
    mean, log_var = inference["state_mean"][0], inference["state_log_var"][0]
    kl_of_dimensions = (0.5 * (mean**2 + log_var.exp() - 1 - log_var)).mean(0)
    alpha = inference["log_q"][0].exp()
    kl_category = math.log(3) + (alpha * alpha.log()).sum(1).mean()
    held = (kl_of_dimensions.sum() - 3).abs() + (kl_category - 0.5).abs()
    torch.testing.assert_close(output.loss, rec.sum(1).mean() + 20 * held)


def test_without_capacities_it_is_the_negative_bound(module, batch):
    _, _, output = module(batch)
    bound = output.reconstruction_loss_sum + output.kl_local_sum
    torch.testing.assert_close(output.loss * 12, bound)


def test_samples_are_soft_in_training_and_one_hot_in_evaluation(module, batch):
    cells = module._get_inference_input(batch)
    assert module.train().inference(**cells)["c"].max() < 1
    c = module.eval().inference(**cells)["c"]
    assert torch.equal(c.sum(-1), torch.ones(1, 12))
    torch.testing.assert_close(c.max(-1).values, torch.ones(1, 12))


def test_the_state_does_not_depend_on_the_category(module, batch):
    h, _ = module.encode_cells(**module._get_inference_input(batch))
    first, second = (module.encoder.infer_state(h, F.one_hot(torch.full((1, 12), k), 3))[0] for k in (0, 1))
    assert torch.equal(first, second)


def test_copies_are_encoded_and_reconstructed_in_training(sizes, batch):
    class Halved:
        def __call__(self, x, n_arms):
            return 0.5 * x.expand(n_arms, -1, -1)

    module = JointVAE(16, n_hidden=(8,), augmenter=Halved(), **sizes)
    x = batch["X"]
    assert torch.equal(module.train().copy_and_target(x)[1], 0.5 * x)
    assert torch.equal(module.eval().copy_and_target(x)[0], x)
    Halved.reconstruct = "original"
    copy, target = module.train().copy_and_target(x)
    assert torch.equal(copy, 0.5 * x)
    assert torch.equal(target, x)
