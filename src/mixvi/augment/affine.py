"""Small turns, stretches, slants and shifts of images."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


class Affine:
    """Every copy of an image is turned, scaled, sheared and shifted a little at random (``"affine"``).

    All four are uniform and drawn anew for every copy; the defaults keep what a digit is. Values between pixels are
    interpolated, outside the image they are 0.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    rotation
        Largest turn to either side, in degrees.
    scaling
        Largest change of size: 0.15 is from 1/1.15 to 1.15, uniform in the logarithm.
    shear
        Largest slant to either side, in degrees.
    shift
        Largest shift in each direction, in pixels.

    Raises
    ------
    ValueError
        If ``image_shape`` is not that of an image.

    Examples
    --------
    >>> x = torch.rand(4, 28 * 28)
    >>> Affine((28, 28))(x, 2).shape
    torch.Size([2, 4, 784])
    """

    reconstruct = "copy"

    def __init__(
        self,
        image_shape: tuple[int, ...],
        rotation: float = 15.0,
        scaling: float = 0.15,
        shear: float = 20.0,
        shift: float = 2.0,
    ):
        if len(image_shape) not in (2, 3):
            raise ValueError(f"image_shape must be (h, w) or (h, w, channels), not {tuple(image_shape)}.")
        self.height, self.width = image_shape[:2]
        self.channels = image_shape[2] if len(image_shape) == 3 else 1
        self.rotation, self.shear = math.radians(rotation), math.radians(shear)
        self.scaling, self.shift = math.log1p(scaling), shift

    @property
    def turns_fully(self) -> bool:
        """Whether copies are turned by any angle, so that what images show does not depend on their pose."""
        return self.rotation >= math.pi

    def __call__(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, images, pixels)`` of the images ``x``, shape ``(images, pixels)``."""
        n_images, n_pixels = x.shape
        planes = x.view(n_images, self.height, self.width, self.channels).permute(0, 3, 1, 2)
        planes = planes.expand(n_arms, -1, -1, -1, -1).flatten(0, 1)  # (arms * images, channels, h, w)
        moved = F.grid_sample(planes, self._positions(self.draw_maps(planes)), align_corners=False)
        return moved.permute(0, 2, 3, 1).reshape(n_arms, n_images, n_pixels)

    def draw_maps(self, like: Tensor) -> Tensor:
        """Random maps from output to input positions, in pixels scaled to [−1, 1], ``(copies, 2, 3)``."""
        n_copies = len(like)
        angle, log_scale, slant = self._uniform(n_copies, like) * like.new_tensor(
            [[self.rotation], [self.scaling], [self.shear]]
        )
        offset = 2 * self.shift * self._uniform(n_copies, like)[:2] / like.new_tensor([[self.width], [self.height]])
        return affine_map(angle, log_scale.exp(), slant.tan(), offset, self.width / self.height)

    def _positions(self, maps: Tensor) -> Tensor:
        """Where each pixel looks, ``(copies, h, w, 2)``: as torch's ``affine_grid``, but quick on a CPU."""
        across, down = (
            (2 * torch.arange(n, dtype=maps.dtype, device=maps.device) + 1) / n - 1 for n in (self.width, self.height)
        )
        by_column = maps[:, None, :, 0] * across[:, None] + maps[:, None, :, 2]  # (copies, w, 2)
        by_row = maps[:, None, :, 1] * down[:, None]  # (copies, h, 2)
        return by_row[:, :, None] + by_column[:, None]

    @staticmethod
    def _uniform(n_copies: int, like: Tensor) -> Tensor:
        """Numbers in [−1, 1], ``(3, copies)``."""
        return 2 * torch.rand(3, n_copies, dtype=like.dtype, device=like.device) - 1


def affine_map(angle: Tensor, scale: Tensor, slant: Tensor, offset: Tensor, aspect: float = 1.0) -> Tensor:
    """Rotation times shear over scale, beside the shift: ``[R(angle) · [[1, slant], [0, 1]] / scale | offset]``.

    Parameters
    ----------
    angle, scale, slant
        Of each map, shape ``(maps,)``; the angle in radians.
    offset
        Along width and height, in half images, shape ``(2, maps)``.
    aspect
        Width over height: turns are turns in pixels, not in the coordinates [−1, 1] of both sides.

    Returns
    -------
    Shape ``(maps, 2, 3)``, for :func:`torch.nn.functional.affine_grid`.
    """
    cos, sin = angle.cos() / scale, angle.sin() / scale
    to_width = torch.stack([cos, (slant * cos - sin) / aspect, offset[0]], -1)
    to_height = torch.stack([sin * aspect, slant * sin + cos, offset[1]], -1)
    return torch.stack([to_width, to_height], 1)
