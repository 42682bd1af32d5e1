import pytest
import torch
from scvi import REGISTRY_KEYS


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """A batch of 12 binary images of 4 × 4 pixels."""
    x = torch.rand(12, 16, generator=torch.Generator().manual_seed(0)).round()
    return {REGISTRY_KEYS.X_KEY: x, REGISTRY_KEYS.BATCH_KEY: torch.zeros(12, 1)}


@pytest.fixture
def sizes() -> dict:
    """Arguments of a small module for these images."""
    return {"n_categories": 3, "n_state": 2, "likelihood": "bernoulli", "image_shape": (4, 4)}
