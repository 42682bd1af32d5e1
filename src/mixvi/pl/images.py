"""Images that models decode, side by side."""

from collections.abc import Sequence

import numpy as np
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from mixvi.images import shape_of_images, to_images

CELL = 0.45  # inches of an image


def image_traversal(
    adata: AnnData,
    dims: Sequence[int] | None = None,
    types: Sequence[str] | None = None,
    key: str = "cpl_traversal",
) -> np.ndarray:
    """What each state dimension does to images: a panel for each dimension, a row for each type, states left to right.

    This is Fig. 2 of the papers.

    Parameters
    ----------
    adata
        Images with ``.uns[key]`` from ``model.traverse_state(n_cells=1)``: averages over many images would be blurred.
    dims
        Dimensions to show; all that were traversed if None.
    types
        Types to show; all if None.
    key
        Where the traversal is.

    Returns
    -------
    The axes, one for each dimension.

    Raises
    ------
    KeyError
        If there is no traversal, or no such dimension or type in it.
    ValueError
        If ``adata`` has no images, or not all pixels were traversed.

    Examples
    --------
    >>> model.traverse_state(n_cells=1, layers=False)  # doctest: +SKIP
    >>> mixvi.pl.image_traversal(adata, dims=[0, 3])  # doctest: +SKIP
    """
    if key not in adata.uns:
        raise KeyError(f"{key!r} is not in adata.uns. Call model.traverse_state(n_cells=1) first.")
    shape = _shape(adata)
    found = adata.uns[key]
    kinds = _positions(found["types"], types, "types")
    which = _positions(found["dims"], dims, "dims")
    curves = np.asarray(found["expression"])[np.ix_(kinds, which)]  # (types, dims, steps, pixels)
    if curves.shape[-1] != adata.n_vars:
        raise ValueError(f"Only {curves.shape[-1]} of {adata.n_vars} pixels were traversed: leave genes=None.")
    n_steps = curves.shape[2]
    columns = min(len(which), 4)
    rows = -(-len(which) // columns)
    names = [str(found["types"][kind]) for kind in kinds]
    titles = [f"dimension {dim}" for dim in found["dims"]]
    if "follows" in found:
        titles = [f"{title}: {name}" if name else title for title, name in zip(titles, found["follows"], strict=True)]
    axes = _panels(rows, columns, n_steps * shape[1] / shape[0], len(kinds), len(which))
    for ax, position in zip(axes, range(len(which)), strict=True):
        _tile(ax, to_images(curves[:, position], shape), names)
        ax.set_title(titles[which[position]])
        ax.set_xlabel("state →")
    axes[0].figure.tight_layout()
    return axes


def image_grid(adata: AnnData, groupby: str, n_images: int = 10, seed: int = 0) -> Axes:
    """Images of each group in a row, such as generated images of each type.

    Parameters
    ----------
    adata
        Images.
    groupby
        Column of ``.obs`` with the groups.
    n_images
        Images of a group that are shown, drawn at random; fewer if there are not as many.
    seed
        Seed of that choice.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If there is no such column.
    ValueError
        If ``adata`` has no images.

    Examples
    --------
    >>> cells = anndata.concat([model.generate(name, 10) for name in model.type_names], uns_merge="same")
    ... # doctest: +SKIP
    >>> mixvi.pl.image_grid(cells, "joint_requested")  # doctest: +SKIP
    """
    if groupby not in adata.obs:
        raise KeyError(f"{groupby!r} is not a column of adata.obs.")
    shape = _shape(adata)
    column = adata.obs[groupby].astype("category").cat.remove_unused_categories()
    rng, names = np.random.default_rng(seed), list(column.cat.categories)
    tiles = np.full((len(names), n_images, *shape), np.nan)
    for row, name in enumerate(names):
        members = np.flatnonzero(column == name)
        chosen = np.sort(rng.choice(members, min(n_images, len(members)), replace=False))
        tiles[row, : len(chosen)] = to_images(adata[chosen])
    ax = _panels(1, 1, n_images * shape[1] / shape[0], len(names), 1)[0]
    _tile(ax, tiles, names)
    ax.set_ylabel(groupby)
    ax.figure.tight_layout()
    return ax


def _shape(adata: AnnData) -> tuple[int, ...]:
    shape = shape_of_images(adata)
    if shape is None:
        raise ValueError("adata has no images: adata.uns['mixvi']['image_shape'] is not there.")
    return shape


def _positions(known: Sequence, wanted: Sequence | None, name: str) -> list[int]:
    """Where the wanted ones are among the known."""
    known = [str(value) for value in known]
    if wanted is None:
        return list(range(len(known)))
    if missing := [str(value) for value in wanted if str(value) not in known]:
        raise KeyError(f"{name}: {missing[0]} was not traversed; {', '.join(known)} were.")
    return [known.index(str(value)) for value in wanted]


def _panels(rows: int, columns: int, width: float, height: float, n_panels: int) -> np.ndarray:
    """Axes for grids of ``width`` × ``height`` images."""
    size = columns * (CELL * width + 0.6), rows * (CELL * height + 0.7)
    axes = plt.subplots(rows, columns, figsize=size, squeeze=False)[1].ravel()
    for ax in axes[n_panels:]:
        ax.remove()
    return axes[:n_panels]


def _tile(ax: Axes, images: np.ndarray, names: list[str]) -> None:
    """Images ``(rows, columns, h, w[, channels])`` as one picture, with a line between them and the rows' names."""
    n_rows, n_columns, height, width = images.shape[:4]
    line = 1 + height // 16
    edges = [(0, 0), (0, 0), (0, line), (0, line)] + [(0, 0)] * (images.ndim - 4)
    framed = np.pad(images, edges, constant_values=np.nan)
    picture = framed.swapaxes(1, 2).reshape(n_rows * (height + line), n_columns * (width + line), *images.shape[4:])
    shown = np.ma.masked_invalid(picture) if images.ndim == 4 else np.nan_to_num(picture, nan=1.0).clip(0, 1)
    ax.imshow(shown, cmap="gray", aspect="equal")
    ax.grid(False)  # which some styles draw on top
    ax.set_yticks(np.arange(n_rows) * (height + line) + height / 2 - 0.5, names)
    ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
