"""Networks of InfoGAN (Chen et al. 2016, appendix C.1), and fully connected ones in their place for expression."""

import math

import torch
from torch import Tensor, nn

from mixvi.nn.convolution import from_frames, to_frames

N_HIDDEN, N_CODES = 1024, 128  # of the last layer of the trunk, and of the one that codes are read from
LEAK = 0.1


class Generator(nn.Module):
    """From category, state, noise and covariates to what a likelihood head takes.

    Parameters
    ----------
    n_latent, n_covariates
        Features of the codes with their noise, and of batch and covariates.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``: two transposed convolutions up to logits of pixels. None: two fully
        connected layers.
    """

    def __init__(self, n_latent: int, n_covariates: int, image_shape: tuple[int, ...] | None):
        super().__init__()
        n_in = n_latent + n_covariates
        self.image_shape, self.n_out = image_shape, N_HIDDEN if image_shape is None else math.prod(image_shape)
        layers = [nn.Linear(n_in, N_HIDDEN), nn.BatchNorm1d(N_HIDDEN), nn.ReLU()]
        if image_shape is None:
            layers += [nn.Linear(N_HIDDEN, N_HIDDEN), nn.BatchNorm1d(N_HIDDEN), nn.ReLU()]
        else:
            quarter = frame_of_quarters(image_shape) // 4
            n_maps = 128 * quarter**2
            layers += [nn.Linear(N_HIDDEN, n_maps), nn.BatchNorm1d(n_maps), nn.ReLU()]
            layers += [nn.Unflatten(1, (128, quarter, quarter)), nn.ConvTranspose2d(128, 64, 4, 2, 1)]
            layers += [nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, math.prod(image_shape[2:]), 4, 2, 1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, latent: Tensor, covariates: Tensor) -> Tensor:
        """Generate, ``(..., cells, n_latent), (cells, n_covariates) -> (..., cells, n_out)``."""
        joined = torch.cat([latent, covariates.expand(*latent.shape[:-1], -1)], -1)
        h = self.layers(joined.flatten(0, -2))
        h = h if self.image_shape is None else from_frames(h, self.image_shape)
        return h.unflatten(0, joined.shape[:-1])


class Recogniser(nn.Module):
    """Discriminator ``D``, and ``Q(c, s|x)``, which shares its trunk.

    Parameters
    ----------
    n_in, n_covariates
        Features of a cell, and of batch and covariates.
    n_categories, n_state
        Sizes of the codes.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``: two convolutions. None: one more fully connected layer.
    """

    def __init__(
        self, n_in: int, n_covariates: int, n_categories: int, n_state: int, image_shape: tuple[int, ...] | None
    ):
        super().__init__()
        self.image_shape, self.n_categories = image_shape, n_categories
        if image_shape is None:
            self.maps = nn.Sequential(nn.Linear(n_in, N_HIDDEN), nn.LeakyReLU(LEAK))
            n_maps = N_HIDDEN
        else:
            self.side = frame_of_quarters(image_shape)
            layers = [nn.Conv2d(math.prod(image_shape[2:]), 64, 4, 2, 1), nn.LeakyReLU(LEAK)]
            layers += [nn.Conv2d(64, 128, 4, 2, 1), nn.BatchNorm2d(128), nn.LeakyReLU(LEAK), nn.Flatten()]
            self.maps = nn.Sequential(*layers)
            n_maps = 128 * (self.side // 4) ** 2
        self.trunk = nn.Sequential(*_block(n_maps + n_covariates, N_HIDDEN))
        self.real = nn.Linear(N_HIDDEN, 1)
        self.codes = nn.Sequential(*_block(N_HIDDEN, N_CODES))
        self.category, self.state = nn.Linear(N_CODES, n_categories), nn.Linear(N_CODES, n_state)

    def look(self, x: Tensor, covariates: Tensor) -> Tensor:
        """What ``D`` and ``Q`` share, ``(cells, n_in), (cells, n_covariates) -> (cells, n_hidden)``."""
        x = x if self.image_shape is None else to_frames(x, self.image_shape, self.side)
        return self.trunk(torch.cat([self.maps(x), covariates], -1))

    def judge(self, seen: Tensor) -> Tensor:
        """Logits that cells are real, ``(cells, n_hidden) -> (cells,)``."""
        return self.real(seen).squeeze(-1)

    def summarise(self, x: Tensor, covariates: Tensor) -> Tensor:
        """What codes are read from, ``(cells, n_in), (cells, n_covariates) -> (cells, n_codes)``."""
        return self.codes(self.look(x, covariates))

    def infer_category(self, h: Tensor) -> Tensor:
        """``log Q(c|x)``, ``(..., n_codes) -> (..., categories)``."""
        return self.category(h).log_softmax(-1)

    def infer_state(self, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (0) of ``Q(s|x)``, each ``(..., n_state)``, whatever the category ``c``."""
        mean = self.state(h)
        return mean, torch.zeros_like(mean)


def frame_of_quarters(image_shape: tuple[int, ...]) -> int:
    """Side of the smallest square that holds an image and can be halved twice.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.

    Returns
    -------
    The side.

    Examples
    --------
    >>> frame_of_quarters((28, 26))
    28
    """
    return 4 * math.ceil(max(image_shape[:2]) / 4)


def _block(n_in: int, n_out: int) -> list[nn.Module]:
    return [nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out), nn.LeakyReLU(LEAK)]
