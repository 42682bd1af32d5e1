import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixvi.datasets import dsprites_rendered, load, render_sprites, sprite_factors
from mixvi.datasets.sprites import FACTORS, HALF_AXES, HALF_SIDE, N_SPRITES, REACH, SCALES

CENTRED = (16, 16)


def test_the_order_is_that_of_dsprites():
    assert np.prod(list(FACTORS.values())) == N_SPRITES
    assert sprite_factors([0, 1, 32, 1024, 40960, 245760, N_SPRITES - 1]).tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],
        [0, 1, 0, 0, 0],
        [1, 0, 0, 0, 0],
        [2, 5, 39, 31, 31],
    ]


@given(st.lists(st.integers(0, N_SPRITES - 1), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None)
def test_sprites_stay_in_the_picture(index):
    images = render_sprites(sprite_factors(index))
    assert images.dtype == np.uint8
    assert set(np.unique(images)) == {0, 1}
    assert images[:, [0, -1]].sum(2).max() <= 5  # no more than a tip or the top of a lobe touches the rim
    assert images[:, :, [0, -1]].sum(1).max() <= 5


@pytest.mark.parametrize("scale", range(6))
def test_areas_are_those_of_the_shapes(scale):
    turned = [[kind, scale, turn, *CENTRED] for kind in (0, 1) for turn in range(0, 40, 7)]
    area = render_sprites(turned).sum((1, 2)).reshape(2, -1).mean(1)
    exact = SCALES[scale] ** 2 * np.array([4 * HALF_SIDE**2, np.pi * HALF_AXES[0] * HALF_AXES[1]])
    np.testing.assert_allclose(area, exact, rtol=0.08)


def test_factors_do_what_their_names_say():
    def centre_of(factors):
        rows, columns = np.nonzero(render_sprites([factors])[0])
        return rows.mean(), columns.mean()

    start, right, down = (centre_of([1, 5, 0, x, y]) for x, y in ((4, 4), (20, 4), (4, 20)))
    step = (64 - 2 * REACH) / 31
    assert right[1] - start[1] == pytest.approx(16 * step, abs=0.6)
    assert right[0] == pytest.approx(start[0], abs=0.3)
    assert down[0] - start[0] == pytest.approx(16 * step, abs=0.6)
    assert down[1] == pytest.approx(start[1], abs=0.3)
    wide, high = (render_sprites([[1, 5, turn, *CENTRED]])[0] for turn in (0, 10))
    assert wide.any(0).sum() == pytest.approx(2 * REACH, abs=1)
    assert abs(high.any(1).sum() - 2 * REACH) < 2


def test_the_last_orientation_is_the_first():
    same = render_sprites([[2, 5, 0, *CENTRED], [2, 5, 39, *CENTRED]])
    assert (same[0] != same[1]).sum() <= 2  # rounding at the rim


def test_the_heart_is_its_curve_and_symmetric():
    heart = render_sprites([[2, 5, 0, *CENTRED]])[0]
    rows, columns = np.nonzero(heart)
    tip = columns[rows == rows.max()]
    middle = columns.mean()
    assert len(tip) <= 4
    assert abs(tip.mean() - middle) < 1  # the tip is below the middle
    top = heart[rows.min()]
    assert not top[round(middle)]  # and the notch above it
    assert top.any()


def test_a_sample_is_what_is_rendered():
    adata = dsprites_rendered(300, seed=1)
    index = np.array([int(name.removeprefix("sprite")) for name in adata.obs_names])
    factors = sprite_factors(index)
    assert len(set(index)) == 300
    np.testing.assert_array_equal(adata.X.toarray().reshape(-1, 64, 64), render_sprites(factors))
    np.testing.assert_array_equal(adata.obs[["scale", "orientation", "x", "y"]], factors[:, 1:])
    assert adata.obs["label"].tolist() == [["square", "ellipse", "heart"][kind] for kind in factors[:, 0]]
    assert adata.uns["mixvi"]["image_shape"].tolist() == [64, 64]
    assert adata.X.dtype == np.float32
    with pytest.raises(ValueError, match="n_images=0"):
        dsprites_rendered(0)


def test_they_have_a_name_of_their_own():
    assert load("dsprites_rendered").shape == (20_000, 4096)
