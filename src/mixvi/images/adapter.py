"""Images as AnnData, and back."""

import math
from collections.abc import Sequence
from numbers import Integral

import numpy as np
import pandas as pd
from anndata import AnnData
from mudata import MuData
from numpy.typing import ArrayLike
from scipy import sparse

from mixvi.arguments import check_above, check_anndata

KEY = "mixvi"  # of .uns
UINT8_RANGE = 255.0


def to_anndata(images: ArrayLike, labels: Sequence | None = None, scale: float | None = None) -> AnnData:
    """Images as an AnnData that the models take: an image is a cell, a pixel is a gene.

    Writes ``.X`` (images × pixels, float32, row by row, channels last), ``.uns["mixvi"]["image_shape"]`` and, if labels
    are given, ``.obs["label"]``. Pixels are named ``"row_column"`` or ``"row_column_channel"``, from 0.

    Parameters
    ----------
    images
        Array or tensor of shape ``(n, h, w)`` or ``(n, h, w, channels)``, of any number type; may be memory-mapped.
    labels
        A label of each image, shape ``(n,)``; for scoring only, no model sees them.
    scale
        Pixel values are divided by this. If None, 255 for ``uint8``, so that they lie in [0, 1], and 1 otherwise.

    Returns
    -------
    The images, in memory.

    Raises
    ------
    TypeError
        If pixels are not numbers.
    ValueError
        If the shape is not that of images, ``scale`` is not above 0, or labels do not match the images.

    Examples
    --------
    >>> adata = to_anndata(np.full((3, 2, 4), 255, dtype=np.uint8), labels=["a", "b", "a"])
    >>> adata.shape, float(adata.X.max()), adata.uns["mixvi"]["image_shape"].tolist()
    ((3, 8), 1.0, [2, 4])
    """
    images = _as_array(images)
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ValueError(f"images must have shape (n, h, w) or (n, h, w, channels), all above 0, not {images.shape}.")
    if images.dtype.kind not in "buif":
        raise TypeError(f"images have pixels of type {images.dtype}, not numbers.")
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"There are {len(labels)} labels for {len(images)} images.")
    if scale is None:
        scale = UINT8_RANGE if images.dtype == np.uint8 else 1.0
    check_above(0, scale=scale)
    shape = images.shape[1:]
    pixels = np.empty((len(images), math.prod(shape)), np.float32)
    np.divide(images, scale, out=pixels.reshape(images.shape), dtype=np.float32, casting="unsafe")
    obs = pd.DataFrame(index=pd.RangeIndex(len(images)).astype(str))
    if labels is not None:
        obs["label"] = pd.Categorical(np.asarray(labels).astype(str))
    names = ["_".join(map(str, position)) for position in np.ndindex(*shape)]
    return AnnData(pixels, obs=obs, var=pd.DataFrame(index=names), uns={KEY: {"image_shape": np.array(shape)}})


def to_images(adata_or_array: AnnData | ArrayLike, image_shape: Sequence[int] | None = None) -> np.ndarray:
    """Images from an AnnData, or from rows of pixels.

    Parameters
    ----------
    adata_or_array
        From :func:`to_anndata`, or an array or tensor whose last axis holds the pixels, such as a layer of it.
    image_shape
        ``(h, w)`` or ``(h, w, channels)``; if None, ``adata.uns["mixvi"]["image_shape"]``.

    Returns
    -------
    Array of shape ``(n, h, w)`` or ``(n, h, w, channels)``; pixel values are as they are in ``.X``, scaled.

    Raises
    ------
    ValueError
        If the shape of an image is unknown, or is not that of the rows.

    Examples
    --------
    >>> to_images(np.zeros((5, 12)), (4, 3)).shape
    (5, 4, 3)
    """
    values = adata_or_array
    if isinstance(adata_or_array, AnnData):
        image_shape, values = image_shape or shape_of_images(adata_or_array), adata_or_array.X
    if image_shape is None:
        raise ValueError("The shape of an image is not known: pass image_shape=(h, w) or (h, w, channels).")
    image_shape = tuple(np.atleast_1d(image_shape).tolist())
    if len(image_shape) not in (2, 3) or not all(isinstance(n, Integral) and n > 0 for n in image_shape):
        raise ValueError(f"image_shape={image_shape} must be (h, w) or (h, w, channels), whole numbers above 0.")
    pixels = values.toarray() if sparse.issparse(values) else _as_array(values)
    if pixels.shape[-1] != math.prod(image_shape):
        raise ValueError(f"Images of shape {tuple(image_shape)} do not have {pixels.shape[-1]} pixels.")
    return pixels.reshape(*pixels.shape[:-1], *image_shape)


def shape_of_images(adata: AnnData) -> tuple[int, ...] | None:
    """The shape of an image, if the cells are images.

    Parameters
    ----------
    adata
        Cells, or images from :func:`to_anndata`.

    Returns
    -------
    ``(h, w)`` or ``(h, w, channels)``; None if ``adata.uns["mixvi"]["image_shape"]`` is not there.

    Raises
    ------
    ValueError
        If pixels were added or removed.
    """
    if not isinstance(adata, MuData):  # which holds no images
        check_anndata(adata)
    stored = adata.uns.get(KEY, {}).get("image_shape")
    if stored is None:
        return None
    shape = tuple(int(n) for n in stored)
    if math.prod(shape) != adata.n_vars:
        raise ValueError(
            f"adata.uns['mixvi']['image_shape'] is {shape}, but adata has {adata.n_vars} pixels. Keep all pixels of "
            "the images, or delete the entry to have them treated as cells."
        )
    return shape


def _as_array(values: ArrayLike) -> np.ndarray:
    """As a numpy array, without a copy where that can be; tensors may be on a device or need gradients."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asanyarray(values)
