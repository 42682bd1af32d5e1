import numpy as np
import pytest

from mixvi.metrics import explained_share, principal_angle, upright_width


def bar(
    angle: float, length: float = 12.3, width: float = 3.3, side: int = 41, shift: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """A bar whose upper end leans to the right by an angle in degrees."""
    down, right = np.mgrid[:side, :side] - side // 2 - np.array(shift)[:, None, None]
    turn = np.radians(angle)
    along, across = right * np.sin(turn) - down * np.cos(turn), right * np.cos(turn) + down * np.sin(turn)
    return ((np.abs(along) <= length) & (np.abs(across) <= width)).astype(float)


@pytest.mark.parametrize("angle", [-80, -45, -10, 0, 25, 60, 80])
def test_angle_of_a_bar(angle):
    images = np.stack([bar(angle), bar(angle, shift=(3, -4)), 0.2 * bar(angle)])
    np.testing.assert_allclose(np.degrees(principal_angle(images)), angle, atol=1.5)


def test_angles_are_in_their_range_and_empty_images_have_none():
    images = np.stack([bar(90), bar(-90), np.zeros((41, 41))])
    angles = principal_angle(images)
    np.testing.assert_allclose(np.abs(angles[:2]), np.pi / 2, atol=1e-6)
    assert (angles[:2] < np.pi / 2).all()
    assert angles[2] == upright_width(images)[2] == 0


def test_width_is_that_of_the_upright_bar():
    # 7 of 41 pixels; turned, centres of pixels lie within half a diagonal of the edges
    assert upright_width(bar(0)[None])[0] == pytest.approx(7 / 41)
    assert upright_width(bar(90)[None])[0] == pytest.approx(7 / 41)
    np.testing.assert_allclose(upright_width(np.stack([bar(a) for a in (-70, -30, 20, 45)])), 7 / 41, atol=1 / 41)


def test_share_that_labels_explain():
    rng = np.random.default_rng(0)
    labels = np.repeat(list("abc"), 2000)
    assert explained_share(np.repeat([0.0, 1, 5], 2000), labels) == 1
    assert explained_share(rng.normal(size=6000), labels) < 0.005
    assert explained_share(np.ones(6000), labels) == 0
    # variance 2/3 between labels, 1 within
    mixed = np.repeat([0.0, 1, 2], 2000) + rng.normal(size=6000)
    assert explained_share(mixed, labels) == pytest.approx(0.4, abs=0.03)


def test_what_cannot_be_measured():
    with pytest.raises(ValueError, match="shape"):
        principal_angle(np.ones((3, 3)))
    with pytest.raises(ValueError, match="shape"):
        upright_width(-np.ones((1, 3, 3)))
    with pytest.raises(ValueError, match="as many"):
        explained_share([1.0], ["a", "b"])
