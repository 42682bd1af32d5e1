import numpy as np
import torch

from mixvi.augment import Affine
from mixvi.similarity import AffineNeighbours, PrincipalDirections


def moved_patterns(n_patterns: int, n_copies: int) -> tuple[torch.Tensor, np.ndarray]:
    """Smooth random images of 12 × 12 pixels, each turned and shifted at random: ``(images, pixels)`` and patterns."""
    torch.manual_seed(0)
    coarse = torch.rand(n_patterns, 1, 4, 4)
    patterns = torch.nn.functional.interpolate(coarse, size=(12, 12), mode="bilinear").flatten(1)
    moved = Affine((12, 12), rotation=10, scaling=0.05, shear=5, shift=0.5)(patterns, n_copies)
    return moved.flatten(0, 1), np.tile(np.arange(n_patterns), n_copies)


def test_the_generator_of_the_user_is_left_alone():
    x, _ = moved_patterns(2, 10)
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first = AffineNeighbours((12, 12), n_neighbors=3).fit_transform(x.numpy())
    assert torch.equal(torch.rand(3), expected)
    again = AffineNeighbours((12, 12), n_neighbors=3).fit_transform(x.numpy())
    np.testing.assert_array_equal(first.toarray(), again.toarray())


def test_neighbours_are_others_and_nearer_than_without_copies():
    x, _ = moved_patterns(3, 20)
    distances = AffineNeighbours((12, 12), n_neighbors=5).fit_transform(x.numpy())
    assert (np.diff(distances.indptr) == 5).all()
    assert (distances.diagonal() == 0).all()
    assert not (distances.indices.reshape(60, 5) == np.arange(60)[:, None]).any()
    directions = PrincipalDirections(x)(x)
    plain = torch.cdist(directions, directions).numpy()
    row, column = distances.nonzero()
    assert (distances.data <= plain[row, column] + 1e-3).all()


def test_brighter_images_are_in_the_same_direction():
    x, _ = moved_patterns(3, 5)
    directions = PrincipalDirections(x)
    torch.testing.assert_close(directions(x), directions(directions.mean + 2 * (x - directions.mean)))
    torch.testing.assert_close(directions(x).norm(dim=1), torch.ones(15))
