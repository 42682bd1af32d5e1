import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import multivariate_normal

from mixvi.module import VaDE


@pytest.fixture
def module(sizes):
    torch.manual_seed(0)
    module = VaDE(16, n_hidden=(8,), **sizes).double()
    prior = module.encoder.prior
    prior.start_at(
        torch.tensor([0.2, 0.5, 0.3]), torch.tensor([[0.0, 1.0], [3.0, -1.0], [-2.0, 0.5]]), torch.full((3, 2), 0.25)
    )
    return module


def test_the_bound_in_double_precision_by_hand(module, batch):
    batch = {name: part.double() for name, part in batch.items()}
    cells = module._get_inference_input(batch) | {"x": batch["X"]}
    torch.manual_seed(1)
    inference = module.inference(**cells)
    generative = module.generative(**module._get_generative_input(batch, inference))
    output = module.loss(batch, inference, generative)

    z, mean, log_var = (inference[name][0].detach().numpy() for name in ("z", "latent_mean", "latent_log_var"))
    weights, means, variance = np.array([0.2, 0.5, 0.3]), module.encoder.prior.means.detach().numpy(), 0.25
    joint = np.stack([w * multivariate_normal(u, variance).pdf(z) for w, u in zip(weights, means, strict=True)], 1)
    gamma = joint / joint.sum(1, keepdims=True)
    p = torch.sigmoid(module.head.logits(module.decoder(inference["z"], cells["covariates"])))[0].detach().numpy()
    x = batch["X"].numpy()
    bound = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(1)  # Eq. 12, term by term
    squares = np.log(variance) + (np.exp(log_var)[:, None] + (mean[:, None] - means) ** 2) / variance
    bound -= (gamma * 0.5 * squares.sum(2)).sum(1)
    bound += (gamma * np.log(weights / gamma)).sum(1)
    bound += 0.5 * (1 + log_var).sum(1)
    assert output.loss.item() == pytest.approx(-bound.mean(), rel=1e-6)


def test_the_auto_encoder_has_no_noise_and_no_prior(module, batch):
    cells = module.float()._get_inference_input(batch)
    first, second = (module.inference(**cells, autoencode=True) for _ in range(2))
    assert torch.equal(first["z"], second["z"])
    output = module(batch, inference_kwargs={"autoencode": True}, loss_kwargs={"autoencode": True})[2]
    torch.testing.assert_close(output.loss, output.reconstruction_loss["reconstruction_loss"].mean())
    output.loss.backward()
    assert module.encoder.prior.means.grad is None


def test_state_and_latent_are_each_others_inverse(module):
    module = module.float()
    c = F.one_hot(torch.tensor([[0, 1, 2, 1]]), 3).float()
    s = torch.randn(1, 4, 2)
    z = module.encoder.to_latent(s, c)
    torch.testing.assert_close(module.encoder.to_state(z, c), s)
    torch.testing.assert_close(z[0, 1], module.encoder.prior.means[1] + 0.5 * s[0, 1])


def test_cells_are_decoded_from_their_state_as_from_their_latent(module, batch):
    module = module.float().eval()
    inference = module.inference(**module._get_inference_input(batch))
    latents = module._get_generative_input(batch, inference)
    from_z = module.generative(**latents)["h"]
    from_state = module.generative(**{name: latents[name] for name in ("c", "s", "covariates")})["h"]
    torch.testing.assert_close(from_state, from_z, rtol=1e-4, atol=1e-5)


def test_states_are_kept_only_if_their_category_is_sure(module):
    module = module.float()
    module.encoder.prior.log_vars.data.fill_(-0.7)  # categories overlap
    category = torch.tensor([0, 1, 2]).repeat(300)
    c = F.one_hot(category, 3).float()

    def surety(s):
        log_p = module.encoder.category_of(module.encoder.to_latent(s, c))
        return log_p.gather(1, category[:, None]).exp()

    torch.manual_seed(0)
    every, sure = module.draw_states(category), module.draw_states(category, threshold=0.9)
    assert surety(sure).min() > 0.9
    assert 0.3 < (surety(every) > 0.9).float().mean() < 0.9
    kept = surety(every).squeeze(1) > 0.9
    torch.manual_seed(0)
    assert torch.equal(module.draw_states(category, threshold=0.9)[kept], every[kept])  # these were sure at once


def test_a_category_among_others_is_never_sure(module):
    module = module.float()
    module.encoder.prior.means.data.fill_(0.0)
    with pytest.raises(ValueError, match=r"above 0\.99"):
        module.draw_states(torch.tensor([0]), threshold=0.99)


def test_posteriors_begin_narrower_than_the_components(module, batch):
    module = module.float().eval()
    h = module.summarise(**module._get_inference_input(batch))
    log_var = module.encoder.infer_latent(h)[1]
    variances = torch.tensor([[0.2, 40.0], [0.4, 40.0], [0.6, 40.0]])
    weights = torch.tensor([0.5, 0.25, 0.25])
    module.encoder.start_at(weights, torch.zeros(3, 2), variances, log_var.mean((0, 1)))
    after = module.encoder.infer_latent(h)[1]
    torch.testing.assert_close(after[..., 0].mean().exp().item(), 0.1 * 0.35, rtol=1e-4, atol=0)
    torch.testing.assert_close(after[..., 1], log_var[..., 1])  # is narrow enough already
    torch.testing.assert_close(module.encoder.prior.log_weights.exp(), weights)
