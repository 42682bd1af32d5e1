import itertools
import math

import pytest
import torch

from mixvi.module import CascadeVAE, cascade


@pytest.fixture
def module(sizes):
    torch.manual_seed(0)
    return CascadeVAE(16, n_hidden=(8,), crowding=0.3, **sizes)


def test_costs_are_those_of_every_category(module, batch, monkeypatch):
    cells = module._get_inference_input(batch)
    s = torch.randn(1, 12, 2)
    costs = module.costs(cells["x"], s, cells["covariates"])
    for k, c in enumerate(torch.eye(3)):
        h = module.generative(c.expand(1, 12, -1), s, cells["covariates"])["h"]
        torch.testing.assert_close(costs[:, k], -module.head.log_prob(h, cells["x"][None])[0])
    monkeypatch.setattr(cascade, "MOST_VALUES", 1)  # one category at a time
    torch.testing.assert_close(module.costs(cells["x"], s, cells["covariates"]), costs)


def test_a_training_batch_gets_the_best_categories_of_all(module, batch):
    cells = {name: part[:6] for name, part in module._get_inference_input(batch).items()}
    outputs = module.train().inference(**cells)
    costs = module.costs(cells["x"], outputs["s"], cells["covariates"])

    def objective(c):
        size = c.sum(0)
        return float((costs * c).sum() + 0.3 * (size * (size - 1) / 2).sum())

    best = min(objective(torch.eye(3)[list(category)]) for category in itertools.product(range(3), repeat=6))
    assert objective(outputs["c"][0]) == pytest.approx(best, rel=1e-6)


def test_in_the_warmup_there_is_no_category(module, batch):
    outputs = module.train().inference(**module._get_inference_input(batch), with_category=False)
    assert not outputs["c"].any()


def test_new_cells_get_the_softmax_of_their_reconstructions(module, batch):
    module.eval()
    cells = module._get_inference_input(batch)
    h, log_q = module.encode_cells(**cells)
    costs = module.costs(cells["x"], module.encoder.infer_state(h)[0], cells["covariates"])
    torch.testing.assert_close(log_q[0].exp(), (-costs).softmax(-1))
    assert torch.equal(module.inference(**cells)["c"].sum(-1), torch.ones(1, 12))


def test_loss_by_hand(module, batch):
    weights = torch.tensor([0.1, 10.0])
    inference, generative, output = module(batch, loss_kwargs={"state_weights": weights})
    mean, log_var = inference["state_mean"][0], inference["state_log_var"][0]
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    rec = -module.head.log_prob(generative["h"], batch["X"][None])[0]
    torch.testing.assert_close(output.loss, (rec + 0.1 * kl[:, 0] + 10 * kl[:, 1]).mean())
    torch.testing.assert_close(output.kl_local["category"], torch.full((12,), math.log(3)))


def test_gradients_pass_the_category_by(module, batch):
    module.train()(batch)[2].loss.backward()
    assert all(parameter.grad is not None for parameter in module.encoder.parameters())
    assert not hasattr(module.encoder.category, "weight")
