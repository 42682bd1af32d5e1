"""One seed for everything random that a model does."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block with torch's generator at a seed, and leave the user's generator as it was.

    Parameters
    ----------
    seed
        The seed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
