"""How well types are separated (supplement M)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import silhouette_samples


def silhouette(
    x: np.ndarray,
    types: np.ndarray,
    n_components: Sequence[int] = (5, 10, 15, 20),
    max_cells: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """Average silhouette of every type on the leading principal components (supplement M, Fig. S14).

    Parameters
    ----------
    x
        Principal components, the leading first, such as ``adata.obsm["X_pca"]``, shape ``(cells, components)``.
    types
        Found types or published labels, shape ``(cells,)``; cells without one (missing) are left out.
    n_components
        Numbers of components.
    max_cells
        Of more cells, so many are drawn at random, since every cell is compared with every other.
    seed
        Seed of that choice.

    Returns
    -------
    A row for every number of components and type: ``n_components``, ``type``, ``n_cells`` and ``silhouette``, from -1
    to 1; 0 for a type of one cell.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are too few components, or fewer than two types.

    Examples
    --------
    >>> x = np.array([[0.0, 0], [0, 1], [9, 0], [9, 1]])
    >>> silhouette(x, ["a", "a", "b", "b"], [2]).round(2)["silhouette"].to_list()
    [0.89, 0.89]
    """
    x, types = np.asarray(x), pd.Series(np.asarray(types, dtype=object))
    if x.ndim != 2 or len(x) != len(types):
        raise ValueError(f"x has shape {x.shape} and there are {len(types)} types; x must be (cells, components).")
    if not len(n_components) or not np.isfinite(x).all():
        raise ValueError("n_components must name one or more numbers, and x hold finite values.")
    if not 1 <= min(n_components) <= max(n_components) <= x.shape[1]:
        raise ValueError(f"n_components={list(n_components)} must be from 1 to the {x.shape[1]} components of x.")
    cells = np.flatnonzero(types.notna())
    if len(cells) > max_cells:
        cells = np.sort(np.random.default_rng(seed).choice(cells, max_cells, replace=False))
    x, types = x[cells], types.iloc[cells].astype(str).to_numpy()
    names, n_cells = np.unique(types, return_counts=True)
    if not 2 <= len(names) < len(types):
        raise ValueError(f"There are {len(names)} types of {len(types)} cells; at least two types are compared.")
    tables = []
    for n in n_components:
        values = pd.Series(silhouette_samples(x[:, :n], types)).groupby(types).mean()
        tables.append(
            pd.DataFrame({"n_components": n, "type": names, "n_cells": n_cells, "silhouette": values[names].to_numpy()})
        )
    return pd.concat(tables, ignore_index=True)
