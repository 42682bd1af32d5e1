import pytest
import torch

from mixvi.nn import ConvolutionalDecoder, ConvolutionalEncoder, PixelHead, frame_side
from mixvi.nn.convolution import from_frames, to_frames


@pytest.mark.parametrize(
    ("shape", "side"), [((8, 8), 32), ((28, 28), 32), ((32, 32, 3), 32), ((33, 20), 64), ((64, 64), 64)]
)
def test_frames(shape, side):
    assert frame_side(shape) == side
    pixels = torch.rand(3, torch.Size(shape).numel())
    frames = to_frames(pixels, shape, side)
    assert frames.shape == (3, 3 if len(shape) == 3 else 1, side, side)
    assert torch.equal(from_frames(frames, shape), pixels)
    torch.testing.assert_close(frames.sum(), pixels.sum())


def test_pixels_keep_their_places():
    image = torch.zeros(1, 4, 6, 2)
    image[0, 1, 3, 1] = 1
    frames = to_frames(image.flatten(1), (4, 6, 2), 32)
    assert frames.nonzero().tolist() == [[0, 1, 14 + 1, 13 + 3]]


def test_large_images_are_refused():
    with pytest.raises(ValueError, match="64 × 64"):
        frame_side((65, 10))


@pytest.mark.parametrize("shape", [(28, 28), (32, 32, 3), (64, 64)])
def test_networks_are_those_of_jointvae(shape):
    encoder, decoder = ConvolutionalEncoder(shape, 2), ConvolutionalDecoder(5, 2, shape)
    channels = [layer.out_channels for layer in encoder.maps if isinstance(layer, torch.nn.Conv2d)]
    assert channels == ([32, 32, 64, 64] if frame_side(shape) == 64 else [32, 64, 64])
    x, covariates = torch.rand(3, torch.Size(shape).numel()), torch.rand(3, 2)
    h = encoder(x, covariates)
    assert h.shape == (3, 256) == (3, encoder.n_out)
    latent = torch.rand(4, 3, 5)
    logits = decoder(latent, covariates)
    assert logits.shape == (4, 3, x.shape[1])
    torch.testing.assert_close(decoder(latent[2], covariates), logits[2])


def test_the_head_takes_logits_as_they_are():
    head, logits, x = PixelHead(), torch.randn(1, 3, 10), torch.rand(1, 3, 10).round()
    p = logits.sigmoid()
    torch.testing.assert_close(head.log_prob(logits, x), (x * p + (1 - x) * (1 - p)).log().sum(-1))
    torch.testing.assert_close(head.mean(logits), p)
    assert not list(head.parameters())
