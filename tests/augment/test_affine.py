import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from mixvi.augment import MOVES, Affine, Compose, affine_map, centre_of_mass, no_copies


def blob(height: int, width: int, row: float, column: float) -> torch.Tensor:
    """A smooth spot, ``(1, height * width)``."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    return torch.exp(-((rows - row).square() + (columns - column).square()) / 8).reshape(1, -1).double()


def centre(image: torch.Tensor, height: int, width: int) -> tuple[float, float]:
    """Centre of mass in pixels, from the middle of the image: ``(row, column)``."""
    image = image.view(height, width) / image.sum()
    rows, columns = torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2
    return float((image.sum(1) * rows).sum()), float((image.sum(0) * columns).sum())


def move(image, shape, angle=0.0, scale=1.0, slant=0.0, shift=(0.0, 0.0), about="image"):
    moves = torch.tensor([angle, math.log(scale), math.atan(slant), *shift], dtype=torch.float64)[:, None]
    return Affine(shape, about=about).moved(image, moves)


def test_nothing_moved_is_the_image():
    x = torch.rand(3, 30)
    torch.testing.assert_close(Affine((5, 6), 0, 0, 0, 0)(x, 2), x.expand(2, 3, 30), atol=1e-5, rtol=0)


@pytest.mark.parametrize("shape", [(31, 31), (31, 51)])
def test_a_turn_keeps_distances_in_pixels(shape):
    height, width = shape
    x = blob(height, width, (height - 1) / 2, (width - 1) / 2 + 8)
    row, column = centre(move(x, shape, angle=math.pi / 6), height, width)
    assert math.hypot(row, column) == pytest.approx(8, abs=0.05)
    assert abs(math.degrees(math.atan2(row, column))) == pytest.approx(30, abs=0.5)


def test_scale_shear_and_shift_by_hand():
    x = blob(41, 41, 20 + 4, 20)  # 4 pixels below the middle
    assert centre(move(x, (41, 41), scale=2.0), 41, 41) == pytest.approx((8, 0), abs=0.05)
    row, column = centre(move(x, (41, 41), slant=0.5), 41, 41)  # columns move by half of the rows
    assert (row, abs(column)) == pytest.approx((4, 2), abs=0.05)
    assert centre(move(x, (41, 41), shift=(3, 0)), 41, 41) == pytest.approx((4, 3), abs=0.05)


@pytest.mark.parametrize("shape", [(41, 41), (41, 61)])
def test_what_lies_at_the_pivot_is_turned_and_scaled_in_place_and_then_moved(shape):
    height, width = shape
    x = blob(height, width, (height - 1) / 2 - 6, (width - 1) / 2 + 5)
    pivot = centre_of_mass(x.view(1, 1, height, width))[:, 0].tolist()
    assert pivot == pytest.approx([2 * 5 / width, -2 * 6 / height], abs=1e-3)
    copy = move(x, shape, angle=2.0, scale=1.2, slant=0.3, shift=(3, 0), about="object")
    assert centre(copy, height, width) == pytest.approx((-6, 8), abs=0.05)


def test_centre_of_mass_by_hand():
    x = torch.tensor([[0.0, 0, 0, 3], [0, 0, 0, 1]]).view(1, 1, 2, 4)  # 3/4 along the width, (−.5 · 3 + .5) / 4 down
    torch.testing.assert_close(centre_of_mass(x), torch.tensor([[0.75], [-0.25]]))
    torch.testing.assert_close(centre_of_mass(x.repeat(1, 3, 1, 1)), torch.tensor([[0.75], [-0.25]]))
    assert centre_of_mass(torch.zeros(1, 1, 2, 4)).tolist() == [[0.0], [0.0]]


def test_an_object_stays_where_it_is_when_it_is_turned():
    torch.manual_seed(0)
    x = blob(41, 41, 8, 30).expand(100, -1)
    copies = Affine((41, 41), rotation=180, scaling=0.3, shear=0, shift=3, about="object")(x, 1)[0]
    moved = torch.tensor([centre(copy, 41, 41) for copy in copies]) - torch.tensor([8.0 - 20, 30 - 20])
    assert 2.5 < moved.abs().max() < 3.1  # by a square of shifts, whatever the turn
    assert (moved.abs().amin(1) > 2.2).any()  # a disc has no corners
    with pytest.raises(ValueError, match="'image' or 'object'"):
        Affine((41, 41), about="middle")


def test_no_centre_of_mass_of_negative_pixels():
    x = torch.tensor([[0.5, -0.25, 0.0, 1.0]])
    with pytest.raises(ValueError, match=r"negative \(down to -0.25\)"):
        Compose([no_copies, Affine((2, 2), about="object")]).fit(x)
    Affine((2, 2), about="object").fit(x.clamp_min(0))
    Affine((2, 2)).fit(x)


@given(st.integers(0, 1000), st.integers(1, 3), st.integers(1, 3))
def test_pixels_stay_in_range_and_channels_apart(seed, n_arms, channels):
    torch.manual_seed(seed)
    x = torch.rand(4, 5, 7, channels)
    x[..., 0] = 0
    copies = Affine((5, 7, channels))(x.view(4, -1), n_arms)
    assert copies.shape == (n_arms, 4, 35 * channels)
    assert copies.min() >= 0
    assert copies.max() <= 1 + 1e-6
    assert (copies.view(n_arms, 4, 5, 7, channels)[..., 0] == 0).all()


@pytest.mark.parametrize("shape", [(8, 8), (5, 9, 2)])
def test_agrees_with_torchs_grid(shape):
    torch.manual_seed(0)
    x = torch.rand(4, *shape, dtype=torch.float64)
    angle, log_scale, slant, *shift = moves = 0.3 * torch.randn(5, 4, dtype=torch.float64)
    planes = x.view(4, *shape[:2], -1).permute(0, 3, 1, 2)
    height, width = shape[:2]
    shift = torch.stack([2 * shift[0] / width, 2 * shift[1] / height])
    maps = affine_map(angle, log_scale.exp(), slant.tan(), shift, torch.zeros_like(shift), width / height)
    grid = F.affine_grid(maps, list(planes.shape), align_corners=False)
    expected = F.grid_sample(planes, grid, align_corners=False).permute(0, 2, 3, 1)
    torch.testing.assert_close(Affine(shape).moved(x.flatten(1), moves), expected.reshape(4, -1))


def test_copies_are_drawn_moves():
    x = torch.rand(3, 30)
    affine = Affine((5, 6))
    torch.manual_seed(0)
    copies = affine(x, 2)
    torch.manual_seed(0)
    moves = affine.draw(6, x)
    assert moves.shape == (len(MOVES), 6)
    torch.testing.assert_close(copies[1], affine.moved(x, moves[:, 3:]))


def test_every_copy_is_drawn_within_the_limits():
    torch.manual_seed(0)
    x = blob(41, 41, 20, 20).expand(500, -1)
    copies = Affine((41, 41), rotation=0, scaling=0, shear=0, shift=2)(x, 2).flatten(0, 1)
    centres = torch.tensor([centre(copy, 41, 41) for copy in copies])
    assert 1.9 < centres.abs().max() < 2.01
    assert torch.corrcoef(centres.view(2, 500, 2)[..., 0])[0, 1].abs() < 0.15  # arms draw their own
    assert centres.mean(0).abs().max() < 0.15


def test_shape_of_an_image():
    with pytest.raises(ValueError, match=r"\(h, w\) or \(h, w, channels\)"):
        Affine((784,))
