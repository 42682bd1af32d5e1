"""What is left of images when place, size and turn do not count."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mixvi.augment import centre_of_mass

N_RINGS, N_ANGLES, N_WAVES = 20, 64, 12
INNERMOST, OUTERMOST = 0.15, 2.2  # rings, in units of the radius of gyration
TOGETHER = 500  # images


def pose_free(x: Tensor, image_shape: tuple[int, ...]) -> Tensor:
    """Features of images that stay the same when these are shifted, scaled, turned or mirrored.

    Each image is sampled on rings around its centre of mass, in units of its radius of gyration; of each ring the
    amplitudes of the Fourier series along it are kept (a Fourier-Mellin descriptor). Outside the image, and for what
    is no part of what it shows, values have to be 0.

    Parameters
    ----------
    x
        Images, shape ``(images, pixels)``, not negative.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.

    Returns
    -------
    Shape ``(images, features)``, 240 features a channel.

    Examples
    --------
    >>> x = torch.zeros(2, 9, 9)
    >>> x[0, 1:4, 2:5], x[1, 4:7, 5:8] = 1.0, 1.0
    >>> one, shifted = pose_free(x.flatten(1), (9, 9))
    >>> torch.allclose(one, shifted, atol=1e-5)
    True
    """
    height, width = image_shape[:2]
    planes = x.view(len(x), height, width, -1).permute(0, 3, 1, 2)  # (images, channels, h, w)
    return torch.cat([_descriptors(some) for some in planes.split(TOGETHER)])


def _descriptors(planes: Tensor) -> Tensor:
    n_images, _, height, width = planes.shape
    down, across = (torch.arange(n, dtype=planes.dtype, device=planes.device) + 0.5 for n in (height, width))
    mass = planes.sum(1)
    mass = mass / mass.sum((1, 2), keepdim=True).clamp_min(1e-6)  # (images, h, w)
    scale = planes.new_tensor([[width], [height]])
    x, y = ((centre_of_mass(planes) + 1) / 2 * scale)[..., None, None]  # in pixels, each (images, 1, 1)
    radius = (mass * ((across - x).square() + (down[:, None] - y).square())).sum((1, 2)).sqrt()[:, None, None]
    ring = torch.linspace(INNERMOST, OUTERMOST, N_RINGS, dtype=planes.dtype, device=planes.device)[:, None]
    angle = 2 * math.pi * torch.arange(N_ANGLES, dtype=planes.dtype, device=planes.device) / N_ANGLES
    places = (x + radius * ring * angle.cos()) / width, (y + radius * ring * angle.sin()) / height
    rings = F.grid_sample(planes, 2 * torch.stack(places, -1) - 1, align_corners=False)  # (…, channels, rings, angles)
    amplitudes = torch.fft.rfft(rings).abs()[..., :N_WAVES] / N_ANGLES
    return (amplitudes * ring.sqrt()).reshape(n_images, -1)  # outer rings are longer
