import math

import pytest
import torch

from mixvi.module import InfoGAN


@pytest.fixture(params=["dense", "convolutional"])
def module(request, sizes):
    torch.manual_seed(0)
    return InfoGAN(16, network=request.param, n_noise=5, **sizes)


def test_codes(module):
    latents = module.draw_latents(torch.arange(3).repeat(200))
    assert latents["c"].shape == (1, 600, 3)
    assert latents["c"].sum(1).tolist() == [[200, 200, 200]]
    for name in ("s", "noise"):
        assert latents[name].abs().max() <= 1
        assert latents[name].var().item() == pytest.approx(1 / 3, abs=0.03)  # of a uniform on (−1, 1)


def test_information_reaches_the_generator(module, batch):
    cells = module._get_inference_input(batch)
    latents = module.draw_latents(torch.arange(12) % 3)
    generated = module.generate_like(cells["x"], cells["covariates"], latents)
    assert generated.shape == (12, 16)
    seen = module.encoder.look(module.projection(generated), cells["covariates"])
    information = module.information(seen, latents["c"][0], latents["s"][0])
    assert information.shape == (12,)
    information.mean().backward()
    of_generator = [parameter.grad for parameter in module.decoder.parameters()]
    assert all(grad is not None for grad in of_generator)
    assert sum(float(grad.abs().sum()) for grad in of_generator) > 0
    assert module.encoder.codes[0].weight.grad.abs().sum() > 0
    assert module.encoder.real.weight.grad is None  # the discriminator's own layer has no part in it


def test_raising_the_information_alone_makes_codes_readable(sizes, batch):
    torch.manual_seed(0)
    module = InfoGAN(16, n_noise=5, **sizes)
    cells = module._get_inference_input(batch)
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)
    for _ in range(15):
        latents = module.draw_latents(torch.arange(12) % 3)
        generated = module.projection(module.generate_like(cells["x"], cells["covariates"], latents))
        seen = module.encoder.look(generated, cells["covariates"])
        information = module.information(seen, latents["c"][0], latents["s"][0]).mean()
        optimiser.zero_grad()
        (-information).backward()
        optimiser.step()
    no_error = math.log(3) + 2 * (math.log(2) - 0.5 * math.log(2 * math.pi))
    assert 0.3 < information < no_error


def test_counts_have_the_library_of_the_cells_and_a_gradient():
    torch.manual_seed(0)
    module = InfoGAN(30, n_categories=3, n_state=2, likelihood="nb", n_components=4)
    x = torch.poisson(torch.full((200, 30), 20.0))
    module.fit_to(x)
    generated = module.generate_like(x, torch.empty(200, 0), module.draw_latents(torch.zeros(200, dtype=torch.long)))
    assert torch.allclose(generated, generated.round(), atol=1e-3)
    assert (generated.sum() / x.sum()).item() == pytest.approx(1, abs=0.1)
    module.projection(generated).square().sum().backward()
    assert module.decoder.layers[0].weight.grad.abs().sum() > 0
