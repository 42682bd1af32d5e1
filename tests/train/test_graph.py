import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from mixvi.augment import Affine
from mixvi.datasets import dsprites_rendered, load
from mixvi.metrics import matched_accuracy
from mixvi.train import NearestTypes, image_types
from mixvi.train.graph import merge_connected


def moved_patterns(n_patterns: int, n_copies: int) -> tuple[torch.Tensor, np.ndarray]:
    """Smooth random images of 12 × 12 pixels, each turned and shifted at random: ``(images, pixels)`` and patterns."""
    torch.manual_seed(0)
    coarse = torch.rand(n_patterns, 1, 4, 4)
    patterns = torch.nn.functional.interpolate(coarse, size=(12, 12), mode="bilinear").flatten(1)
    moved = Affine((12, 12), rotation=10, scaling=0.05, shear=5, shift=0.5)(patterns, n_copies)
    return moved.flatten(0, 1), np.tile(np.arange(n_patterns), n_copies)


def test_patterns_are_found_however_they_are_moved():
    x, pattern = moved_patterns(4, 40)
    labels = image_types(x, (12, 12), seed=0)
    assert adjusted_rand_score(pattern, labels) > 0.99
    assert (np.diff(np.bincount(labels)) <= 0).all()


@pytest.mark.parametrize("wanted", [2, 3, 12])
def test_a_number_of_types_may_be_demanded(wanted):
    x, pattern = moved_patterns(4, 40)
    labels = image_types(x, (12, 12), seed=0, n_types=wanted)
    assert len(np.unique(labels)) == wanted
    if wanted < 4:  # patterns are merged, not cut
        assert all(len(np.unique(labels[pattern == k])) == 1 for k in range(4))
    assert image_types(x, (12, 12), seed=0, max_types=3).max() == 2


def test_the_start_on_real_digits_is_better_than_k_means():
    adata = load("digits")
    labels = image_types(torch.as_tensor(np.asarray(adata.X, np.float32)), (8, 8), seed=0, n_types=10)
    assert matched_accuracy(adata.obs["label"], labels) > 0.85  # k-means: 0.79


def test_merging_by_hand():
    # clusters {0, 1}, {2}, {3}: mean weights 0-1: (2 + 4) / 2 = 3, 0-2: 2 / 2 = 1, 1-2: 2
    weights = np.zeros((4, 4))
    for i, j, weight in ((0, 2, 2), (1, 2, 4), (0, 3, 2), (2, 3, 2)):
        weights[i, j] = weights[j, i] = weight
    labels = np.array([0, 0, 1, 2])
    np.testing.assert_array_equal(merge_connected(sparse.csr_matrix(weights), labels, 2), [0, 0, 0, 1])
    np.testing.assert_array_equal(merge_connected(sparse.csr_matrix(weights), labels, 3), labels)
    np.testing.assert_array_equal(labels, [0, 0, 1, 2])


def test_new_images_get_the_type_of_the_nearest():
    x, pattern = moved_patterns(3, 30)
    start = NearestTypes(x[:45], pattern[:45])
    np.testing.assert_array_equal(start(x[45:], torch.zeros(45)).numpy(), pattern[45:])


def test_shapes_are_found_in_any_pose():
    adata = dsprites_rendered(900)
    adata = adata[np.random.default_rng(0).permutation(900)]  # they come sorted by shape
    x, shape = torch.as_tensor(adata.X.toarray(), dtype=torch.float32), adata.obs["label"].to_numpy()
    some, others = slice(600), slice(600, None)
    labels = image_types(x[some], (64, 64), seed=0, n_types=3, any_pose=True)
    assert matched_accuracy(shape[some], labels) > 0.99
    assert matched_accuracy(shape[some], image_types(x[some], (64, 64), seed=0, n_types=3)) < 0.7
    found = NearestTypes(x[some], labels, pose_of=(64, 64))(x[others], torch.zeros(300)).numpy()
    assert matched_accuracy(shape[others], found) > 0.99
