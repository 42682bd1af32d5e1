import pytest
import torch

from mixvi.model.checks import DataSummary
from mixvi.model.defaults import (
    IMAGE_STEPS,
    default_batch_size,
    default_likelihood,
    default_max_categories,
    default_max_epochs,
    training_device,
)


def test_likelihood_follows_the_values():
    assert default_likelihood(DataSummary(integers=True, minimum=0, maximum=9)) == "nb"
    assert default_likelihood(DataSummary(integers=False, minimum=0, maximum=9)) == "normal"
    with pytest.raises(ValueError, match="perhaps they are scaled"):
        default_likelihood(DataSummary(integers=False, minimum=-1, maximum=9))


def test_likelihood_of_images():
    for integers in (False, True):
        assert default_likelihood(DataSummary(integers, minimum=0, maximum=1), images=True) == "bernoulli"
        assert default_likelihood(DataSummary(integers, minimum=0, maximum=255), images=True) == "normal"
    assert default_likelihood(DataSummary(integers=False, minimum=-1, maximum=1), images=True) == "normal"


@pytest.mark.parametrize(("n_cells", "expected"), [(4, 2), (50, 10), (3005, 54), (10**6, 200)])
def test_max_categories(n_cells, expected):
    assert default_max_categories(n_cells) == expected


@pytest.mark.parametrize(("n_cells", "expected"), [(2, 64), (700, 64), (1600, 256), (10**6, 512)])
def test_batch_size(n_cells, expected):
    assert default_batch_size(n_cells) == expected


@pytest.mark.parametrize(
    ("n_cells", "batch_size", "expected"), [(700, 64, 91), (3005, 512, 167), (10, 64, 400), (10**6, 512, 4)]
)
def test_max_epochs(n_cells, batch_size, expected):
    assert default_max_epochs(n_cells, batch_size) == expected


def test_images_are_trained_on_for_longer():
    assert default_batch_size(70_000, images=True) == 256
    assert default_max_epochs(70_000, 256, IMAGE_STEPS) == 24
    assert default_max_epochs(80, 64, IMAGE_STEPS) == 400


@pytest.mark.parametrize(
    ("cuda", "mps", "accelerator", "expected"),
    [
        (False, False, "auto", "cpu"),
        (False, True, "auto", "mps"),
        (True, False, "auto", "cuda"),
        (True, False, "gpu", "cuda"),
        (True, False, "cpu", "cpu"),
        (False, True, "gpu", "mps"),
        (False, False, "tpu", "tpu"),
    ],
)
def test_training_device(monkeypatch, cuda, mps, accelerator, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert training_device({"accelerator": accelerator}) == expected
    if accelerator == "auto":
        assert training_device({}) == expected
