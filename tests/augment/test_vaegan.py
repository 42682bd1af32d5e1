import pytest
import torch

from mixvi.augment import VAEGAN, Augmenter

COUNTS = torch.poisson(torch.rand(60, 12) * 8)


def ready(x: torch.Tensor, **kwargs) -> VAEGAN:
    """A generator that passes for trained."""
    torch.manual_seed(0)
    generator = VAEGAN(x.shape[1], n_components=5, n_hidden=16, **kwargs)
    generator.fit(x)
    generator.trained.fill_(True)
    return generator


def test_counts_become_counts_of_the_same_depth():
    copies = ready(COUNTS)(COUNTS, 50)
    assert isinstance(ready(COUNTS), Augmenter)
    assert copies.shape == (50, 60, 12)
    assert (copies == copies.round()).all() and (copies >= 0).all()
    torch.testing.assert_close(copies.sum(-1).mean(0), COUNTS.sum(-1), rtol=0.15, atol=0)


def test_sampled_counts_have_the_mean_and_variance_of_the_negative_binomial():
    generator = ready(COUNTS)
    generator.head.log_theta.fill_(0.7)
    expected = torch.full((20_000, 12), 4.0)
    drawn = generator.sample(expected)
    assert abs(drawn.mean() - 4) < 0.05
    assert abs(drawn.var() / (4 + 16 / torch.tensor(0.7).exp()) - 1) < 0.05


@pytest.mark.parametrize("image", [True, False])
def test_values_stay_in_the_range_of_each_gene(image):
    x = torch.rand(60, 12) * torch.arange(12) / 12
    copies = ready(x, counts=False, image=image)(x, 4)
    assert (copies >= x.amin(0)).all() and (copies <= x.amax(0)).all()


def test_expression_is_sampled_and_pixels_are_not():
    expected = torch.full((5, 12), 0.5)
    x = torch.rand(60, 12)
    assert torch.equal(ready(x, counts=False, image=True).sample(expected), expected.clamp(x.amin(0), x.amax(0)))
    assert ready(x, counts=False).sample(expected).std(0).min() > 0


def test_copies_of_a_cell_differ_from_each_other_and_from_it():
    x = torch.rand(60, 12)
    generator = ready(x, counts=False, image=True)
    first, second = generator(x, 2)
    for a, b in ((first, second), (first, x), (second, x)):
        assert (a - b).abs().amax(1).min() > 0


def test_noise_moves_the_latent_and_has_no_mean():
    generator = ready(COUNTS)
    h, noise = torch.rand(1, 16), torch.randn(4, 10)
    still, _ = generator.infer(h, torch.zeros(1, 10))
    there, _ = generator.infer(h.expand(4, -1), noise)
    back, _ = generator.infer(h.expand(4, -1), -noise)
    assert (there - still).abs().max() > 0.01
    torch.testing.assert_close((there + back) / 2, still.expand(4, -1))


def test_always_frozen_and_in_evaluation_mode():
    generator = ready(COUNTS).train()
    assert not any(part.training for part in generator.modules())
    assert not any(parameter.requires_grad for parameter in generator.parameters())
    assert not generator(COUNTS.clone().requires_grad_(), 2).requires_grad


def test_a_trained_generator_is_not_fitted_again():
    generator = ready(COUNTS)
    before = generator.projection.location.clone()
    generator.fit(COUNTS.flip(1))
    assert torch.equal(generator.projection.location, before)


def test_untrained():
    with pytest.raises(RuntimeError, match="train_augmenter"):
        VAEGAN(12, 5)(COUNTS, 2)
    assert not ready(COUNTS).untrained().trained


def test_pixels_out_of_range():
    with pytest.raises(ValueError, match="between 0 and 1"):
        VAEGAN(12, 5, counts=False, image=True).fit(COUNTS)


def test_log_prob_of_pixels_by_hand():
    generator = VAEGAN(2, counts=False, image=True)
    logits = torch.tensor([[0.25, 0.5]]).logit()
    torch.testing.assert_close(generator.log_prob(torch.tensor([[1.0, 0.0]]), logits), torch.tensor([0.125]).log())
    torch.testing.assert_close(generator.expect(logits), torch.tensor([[0.25, 0.5]]))


def test_images_start_from_the_average_image():
    x = torch.rand(60, 12) * torch.arange(1, 13) / 12
    generator = VAEGAN(12, counts=False, image=True)
    generator.fit(x)
    expected = generator.expect(generator.head.logits.bias)
    torch.testing.assert_close(expected.flatten(), x.mean(0))
