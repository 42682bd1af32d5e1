import torch

from mixvi.nn import GatingNetwork, LatentEncoder, NoisyLayers


def test_noise_is_asked_for_not_a_mode():
    torch.manual_seed(0)
    layers, x = NoisyLayers(4, [16, 8], dropout_rate=0.5), torch.randn(5, 4)
    for mode in (True, False):
        layers.train(mode)
        torch.testing.assert_close(layers(x), layers(x))
        assert not torch.equal(layers(x, noisy=True), layers(x, noisy=True))
    assert (layers(x, noisy=True) == 0).float().mean() > (layers(x) == 0).float().mean()


def test_noise_leaves_the_mean_of_a_layer():
    torch.manual_seed(0)
    layers, x = NoisyLayers(3, [6], dropout_rate=0.3), torch.randn(1, 3)
    average = layers(x.expand(20_000, -1), noisy=True).mean(0)
    torch.testing.assert_close(average, layers(x)[0], atol=0.05, rtol=0)


def test_dropped_categories_leave_the_others_as_they_were():
    torch.manual_seed(0)
    gate, z = GatingNetwork(3, 5, [8], 0.1), torch.randn(4, 3)
    before, kept = gate(z), torch.tensor([4, 0, 2])
    gate.keep_categories(kept)
    torch.testing.assert_close(gate(z), before[:, kept].log_softmax(-1))
    torch.testing.assert_close(gate(z).exp().sum(-1), torch.ones(4))


def test_encoder_sees_covariates_and_bounds_the_variance():
    encoder = LatentEncoder(3, 2, 4, [8], 0.0)
    x = torch.randn(6, 3)
    mean, log_var = encoder(1e6 * x, torch.zeros(6, 2))
    assert mean.shape == log_var.shape == (6, 4)
    assert log_var.abs().max() <= 8
    assert not torch.equal(encoder(x, torch.zeros(6, 2))[0], encoder(x, torch.ones(6, 2))[0])
