import pytest
import torch

from mixvi.nn import ConvolutionalArmDecoder, ConvolutionalArmEncoder


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3), (64, 64)])
def test_each_arm_has_its_own_network(shape):
    encoder, decoder = ConvolutionalArmEncoder(3, shape, 2), ConvolutionalArmDecoder(3, 5, 2, shape)
    x = torch.rand(3, 4, encoder.n_pixels + 2)
    h = encoder(x)
    assert h.shape == (3, 4, encoder.n_out)
    torch.testing.assert_close(h[1], encoder.arms[1](x[1, :, :-2], x[1, :, -2:]))
    latent = torch.rand(3, 4, 7)
    logits = decoder(latent)
    assert logits.shape == (3, 4, encoder.n_pixels)
    torch.testing.assert_close(logits[2], decoder.arms[2](latent[2, :, :5], latent[2, :, 5:]))


def test_arms_that_share_give_the_same():
    encoder, decoder = ConvolutionalArmEncoder(2, (16, 16), 0, True), ConvolutionalArmDecoder(2, 5, 0, (16, 16), True)
    assert len(encoder.arms) == len(decoder.arms) == 1
    x, latent = torch.rand(4, 256).expand(2, -1, -1), torch.rand(4, 5).expand(2, -1, -1)
    torch.testing.assert_close(*encoder(x))
    torch.testing.assert_close(*decoder(latent))


def test_inputs_are_dropped():
    decoder, latent = ConvolutionalArmDecoder(2, 4, 1, (16, 16)), torch.rand(2, 3, 5)
    latent[..., 1] = 0
    before, index = decoder(latent), torch.tensor([0, 2, 3, 4])
    decoder.keep_inputs(index)
    assert decoder.n_in == 4
    torch.testing.assert_close(decoder(latent[..., index]), before)
