import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from mixvi.augment import Affine
from mixvi.datasets import dsprites_rendered, render_sprites
from mixvi.similarity import pose_free


def sprites(factors) -> torch.Tensor:
    return torch.as_tensor(render_sprites(np.asarray(factors)), dtype=torch.float32).flatten(1)


def test_place_changes_nothing():
    (heart,) = sprites([[2, 5, 7, 15, 15]]).view(-1, 64, 64)
    moved = torch.stack([heart, heart.roll((-9, 4), (0, 1))]).flatten(1)
    torch.testing.assert_close(*pose_free(moved, (64, 64)), atol=1e-5, rtol=0)


def test_turns_and_size_change_little_beside_the_shape():
    factors = [[shape, scale, turn, 15, 15] for shape in range(3) for scale in (3, 5) for turn in (0, 5, 13)]
    features = pose_free(sprites(factors), (64, 64)).view(3, 6, -1)
    centres = features.mean(1)
    within = (features - centres[:, None]).norm(dim=2).max()
    assert torch.pdist(centres).min() > 3 * within


def test_the_nearest_sprites_have_the_same_shape():
    adata = dsprites_rendered(600)
    features = pose_free(torch.as_tensor(adata.X.toarray(), dtype=torch.float32), (64, 64)).numpy()
    nearest = NearestNeighbors(n_neighbors=1).fit(features).kneighbors(return_distance=False)[:, 0]
    shape = adata.obs["label"].to_numpy()
    assert (shape[nearest] == shape).mean() > 0.99


def test_channels_have_features_of_their_own_and_empty_images_have_none():
    x = torch.rand(4, 10, 12, 2)
    x[3] = 0
    features = pose_free(x.flatten(1), (10, 12, 2))
    assert features.shape == (4, 480)
    assert not features[3].any() and features.isfinite().all()


def test_full_turns_say_so():
    assert Affine((8, 8), rotation=180).turns_fully
    assert not Affine((8, 8), rotation=90).turns_fully
