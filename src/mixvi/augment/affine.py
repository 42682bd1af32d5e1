"""Small turns, stretches, slants and shifts of images."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

MOVES = ("rotation", "scaling", "shear", "shift to the right", "shift down")


class Affine:
    """Every copy of an image is turned, scaled, sheared and shifted a little at random (``"affine"``).

    All are uniform and drawn anew for every copy; the defaults keep what a digit is. Values between pixels are
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
    about
        What an image is turned and scaled about: the middle of the ``"image"``, or the centre of mass of its pixels,
        none of which is negative, for one ``"object"`` that may be anywhere on a dark ground. The object then stays
        where it is, but for the shift.

    Raises
    ------
    ValueError
        If ``image_shape`` is not that of an image, or ``about`` is unknown.

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
        about: str = "image",
    ):
        if about not in ("image", "object"):
            raise ValueError(f"about={about!r} must be 'image' or 'object'.")
        if len(image_shape) not in (2, 3):
            raise ValueError(f"image_shape must be (h, w) or (h, w, channels), not {tuple(image_shape)}.")
        self.settings = {"image_shape": tuple(image_shape), "rotation": rotation, "scaling": scaling}
        self.settings |= {"shear": shear, "shift": shift, "about": about}  # that make the same augmenter again
        self.height, self.width = image_shape[:2]
        self.channels = image_shape[2] if len(image_shape) == 3 else 1
        self.rotation, self.shear = math.radians(rotation), math.radians(shear)
        self.scaling, self.shift, self.about = math.log1p(scaling), shift, about

    @property
    def turns_fully(self) -> bool:
        """Whether copies are turned by any angle, so that what images show does not depend on their pose."""
        return self.rotation >= math.pi

    def fit(self, x: Tensor) -> None:
        """Refuse a sample of images ``(images, pixels)`` that have no centre of mass, before training on them."""
        if self.about == "object" and x.min() < 0:
            raise ValueError(
                f"Affine(about='object') needs a centre of mass, but pixels are negative (down to {x.min():.3g}). "
                "Scale them to [0, 1], with a dark ground, or use about='image'."
            )

    def __call__(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, images, pixels)`` of the images ``x``, shape ``(images, pixels)``."""
        images = x.expand(n_arms, *x.shape).flatten(0, 1)
        return self.moved(images, self.draw(len(images), x)).view(n_arms, *x.shape)

    def draw(self, n_images: int, like: Tensor) -> Tensor:
        """Random ``MOVES`` of images, ``(5, images)``: radians, the logarithm of the size, and pixels."""
        reach = like.new_tensor([self.rotation, self.scaling, self.shear, self.shift, self.shift])
        drawn = torch.rand(6, n_images, dtype=like.dtype, device=like.device)  # six, as ever: seeds keep their copies
        return reach[:, None] * (2 * drawn[:5] - 1)

    def moved(self, x: Tensor, moves: Tensor) -> Tensor:
        """Images ``x`` of shape ``(images, pixels)`` after the moves ``(5, images)``."""
        planes = x.view(len(x), self.height, self.width, self.channels).permute(0, 3, 1, 2)
        (angle, log_scale, slant), shift = moves[:3], moves[3:]
        shift = 2 * shift / moves.new_tensor([[self.width], [self.height]])  # in half images
        pivot = centre_of_mass(planes) if self.about == "object" else torch.zeros_like(shift)
        maps = affine_map(angle, log_scale.exp(), slant.tan(), shift, pivot, self.width / self.height)
        moved = F.grid_sample(planes, self._positions(maps), align_corners=False)
        return moved.permute(0, 2, 3, 1).reshape(x.shape)

    def _positions(self, maps: Tensor) -> Tensor:
        """Where each pixel looks, ``(copies, h, w, 2)``: as torch's ``affine_grid``, but quick on a CPU."""
        across, down = (pixel_centres(n, maps) for n in (self.width, self.height))
        by_column = maps[:, None, :, 0] * across[:, None] + maps[:, None, :, 2]  # (copies, w, 2)
        by_row = maps[:, None, :, 1] * down[:, None]  # (copies, h, 2)
        return by_row[:, :, None] + by_column[:, None]


def affine_map(
    angle: Tensor, scale: Tensor, slant: Tensor, shift: Tensor, pivot: Tensor, aspect: float = 1.0
) -> Tensor:
    """Where a copy looks in its image: ``[A | p − A (p + d)]`` with ``A = R(angle) · [[1, slant], [0, 1]] / scale``.

    What lies at the pivot ``p`` is turned, sheared and scaled about itself, and moved by the shift ``d``.

    Parameters
    ----------
    angle, scale, slant
        Of each map, shape ``(maps,)``; the angle in radians.
    shift, pivot
        Along width and height, in half images, shape ``(2, maps)``; the pivot from the middle of the image.
    aspect
        Width over height: turns are turns in pixels, not in the coordinates [−1, 1] of both sides.

    Returns
    -------
    Shape ``(maps, 2, 3)``, for :func:`torch.nn.functional.affine_grid`.
    """
    cos, sin = angle.cos() / scale, angle.sin() / scale
    to_width = torch.stack([cos, (slant * cos - sin) / aspect], -1)
    to_height = torch.stack([sin * aspect, slant * sin + cos], -1)
    linear = torch.stack([to_width, to_height], 1)  # (maps, 2, 2)
    offset = pivot.T[..., None] - linear @ (pivot + shift).T[..., None]  # (maps, 2, 1)
    return torch.cat([linear, offset], -1)


def centre_of_mass(planes: Tensor) -> Tensor:
    """Centre of mass of images, from the middle and in half images: ``(images, channels, h, w) -> (2, images)``.

    Parameters
    ----------
    planes
        Images without negative values.

    Returns
    -------
    Along width and height; the middle for an image of zeros.
    """
    across, down = (pixel_centres(n, planes) for n in (planes.shape[-1], planes.shape[-2]))
    mass = planes.sum(1)  # (images, h, w)
    moments = torch.stack([mass.sum(1) @ across, mass.sum(2) @ down])
    return moments / mass.sum((1, 2)).clamp_min(torch.finfo(mass.dtype).tiny)


def pixel_centres(n: int, like: Tensor) -> Tensor:
    """Positions of ``n`` pixels along a side that reaches from −1 to 1, shape ``(n,)``."""
    return (2 * torch.arange(n, dtype=like.dtype, device=like.device) + 1) / n - 1
