"""Images in the manner of dSprites, drawn from its published factors."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from anndata import AnnData
from numpy.typing import ArrayLike
from scipy import sparse

from mixvi.arguments import check_whole

SIDE = 64  # pixels
SHAPES = ("square", "ellipse", "heart")
FACTORS = {"shape": 3, "scale": 6, "orientation": 40, "x": 32, "y": 32}  # and how many values each has
N_SPRITES = 737_280
SCALES = np.linspace(0.5, 1, FACTORS["scale"])
ORIENTATIONS = np.linspace(0, 2 * np.pi, FACTORS["orientation"])  # the last is the first again, as in the original
REACH = 13.0  # pixels from the centre of a sprite of scale 1 to its outermost point
HALF_SIDE = REACH / np.sqrt(2)  # of the square
HALF_AXES = (REACH, REACH / 2)  # of the ellipse
HEART_CENTRE, HEART_REACH = 0.25, 1.26  # on the curve's axis, and from there to its farthest point
WINDOW = 28  # pixels that hold any sprite
TOGETHER = 2048  # sprites drawn at once: 6 MB for each coordinate


def sprite_factors(index: ArrayLike) -> np.ndarray:
    """Factors of sprites by their position among all, in the order of dSprites: the last factor changes fastest.

    Parameters
    ----------
    index
        Positions, from 0 to 737,279, shape ``(n,)``.

    Returns
    -------
    Numbers of the values of shape, scale, orientation, x and y, shape ``(n, 5)``.

    Examples
    --------
    >>> sprite_factors([0, 33, 245760]).tolist()
    [[0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [1, 0, 0, 0, 0]]
    """
    return np.stack(np.unravel_index(np.asarray(index), tuple(FACTORS.values())), 1)


def render_sprites(factors: ArrayLike) -> np.ndarray:
    """Draw sprites.

    A pixel is 1 if its centre lies in the shape. The heart is ``(x² + y² − 1)³ ≤ x² y³``. Sizes are chosen so that
    sprites stay in the picture; they are not those of the original file.

    Parameters
    ----------
    factors
        As from :func:`sprite_factors`, shape ``(n, 5)``.

    Returns
    -------
    Images of zeros and ones, ``uint8``, shape ``(n, 64, 64)``.

    Raises
    ------
    ValueError
        If a factor has no such value.

    Examples
    --------
    >>> render_sprites([[0, 5, 0, 0, 0]]).sum(axis=(1, 2))
    array([324], dtype=uint64)
    """
    factors, sizes = np.asarray(factors), list(FACTORS.values())
    shape_fits = factors.ndim == 2 and factors.shape[1] == len(sizes) and factors.dtype.kind in "iu"
    if not shape_fits or (factors < 0).any() or (factors >= sizes).any():
        raise ValueError(f"factors must be whole numbers of shape (n, {len(sizes)}), from 0 and below {sizes}.")
    images = np.empty((len(factors), SIDE, SIDE), np.uint8)
    for first in range(0, len(factors), TOGETHER):
        images[first : first + TOGETHER] = _draw(factors[first : first + TOGETHER])
    return images


def dsprites_rendered(n_images: int | None = 20_000, seed: int = 0) -> AnnData:
    """A random sample of rendered sprites, or all 737,280.

    This is not the file of Matthey et al. (2017): factors, order and size of the images are the same, but the shapes
    are drawn by this package. For that file, see ``load("dsprites")``.

    Parameters
    ----------
    n_images
        Number of images, drawn without replacement; all if None (1.2 GB).
    seed
        Seed of the choice.

    Returns
    -------
    Images × pixels, sparse, values 0 and 1. ``.obs`` has the shape as ``"label"``, and the numbers of the values of
    ``"scale"``, ``"orientation"``, ``"x"`` and ``"y"``.

    Raises
    ------
    ValueError
        If ``n_images`` is out of its range.

    Examples
    --------
    >>> dsprites_rendered(100).shape
    (100, 4096)
    """
    check_whole(n_images=n_images)
    if n_images is None:
        index = np.arange(N_SPRITES)
    elif n_images <= N_SPRITES:
        index = np.sort(np.random.default_rng(seed).choice(N_SPRITES, n_images, replace=False))
    else:
        raise ValueError(f"n_images={n_images} must be from 1 to {N_SPRITES:,}.")
    factors = sprite_factors(index)
    chunks = (_draw(factors[first : first + TOGETHER]) for first in range(0, len(factors), TOGETHER))
    return sprites_to_cells(chunks, factors, [f"sprite{i}" for i in index])


def sprites_to_cells(images: Iterable[np.ndarray], factors: np.ndarray, names: list[str]) -> AnnData:
    """Chunks of images as sparse observations.

    Parameters
    ----------
    images
        Chunks of shape ``(n, 64, 64)``.
    factors
        Numbers of the values of shape, scale, orientation, x and y, shape ``(images, 5)``.
    names
        Of the images.

    Returns
    -------
    As from :func:`dsprites_rendered`.
    """
    chunks = (sparse.csr_matrix(chunk.reshape(len(chunk), -1), dtype=np.float32) for chunk in images)
    adata = AnnData(sparse.vstack(list(chunks), format="csr"), obs=pd.DataFrame(index=names))
    adata.var_names = [f"{row}_{column}" for row in range(SIDE) for column in range(SIDE)]
    adata.obs["label"] = pd.Categorical(np.array(SHAPES)[factors[:, 0]], SHAPES)
    for column, name in enumerate(FACTORS):
        if name != "shape":
            adata.obs[name] = factors[:, column]
    adata.uns["mixvi"] = {"image_shape": np.array([SIDE, SIDE])}
    return adata


def _draw(factors: np.ndarray) -> np.ndarray:
    """Sprites of a chunk of factors, booleans ``(n, 64, 64)``; only pixels near their centres are looked at."""
    shape, scale, orientation = factors[:, 0], SCALES[factors[:, 1]], ORIENTATIONS[factors[:, 2]]
    centre = REACH + np.linspace(0, SIDE - 2 * REACH, FACTORS["x"])
    columns, right = _window(centre[factors[:, 3]])
    rows, down = _window(centre[factors[:, 4]])
    cosine, sine = (f(orientation).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    unit = scale.astype(np.float32)[:, None, None]
    u = (cosine * right[:, None, :] - sine * down[:, :, None]) / unit  # in the sprite's own axes
    v = (-cosine * down[:, :, None] - sine * right[:, None, :]) / unit
    inside = np.empty(u.shape, bool)
    for kind, test in enumerate((_in_square, _in_ellipse, _in_heart)):
        of_kind = shape == kind
        inside[of_kind] = test(u[of_kind], v[of_kind])
    images = np.zeros((len(factors), SIDE, SIDE), bool)
    images[np.arange(len(factors))[:, None, None], rows[:, :, None], columns[:, None, :]] = inside
    return images


def _window(centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels that a sprite may reach along an axis, and their distances from its centre, each ``(n, WINDOW)``."""
    first = np.minimum(np.floor(centre - REACH).astype(int), SIDE - WINDOW)
    pixels = first[:, None] + np.arange(WINDOW)
    return pixels, (pixels + 0.5 - centre[:, None]).astype(np.float32)


def _in_square(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(u), np.abs(v)) <= HALF_SIDE


def _in_ellipse(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return (u / HALF_AXES[0]) ** 2 + (v / HALF_AXES[1]) ** 2 <= 1


def _in_heart(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    unit = REACH / HEART_REACH
    x, y = u / unit, v / unit + HEART_CENTRE
    return (x**2 + y**2 - 1) ** 3 <= x**2 * y**3
