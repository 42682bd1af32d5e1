"""Cells whose states can be compared: those of one type."""

from collections.abc import Hashable

import numpy as np
import pandas as pd
from anndata import AnnData


def groups_of(kind: np.ndarray, type_names: list[str], labels: pd.Series | None) -> dict[str, np.ndarray]:
    """:func:`groups_of_types`, or :func:`groups_of_labels` if there are labels.

    Parameters
    ----------
    kind, type_names, labels
        As there.

    Returns
    -------
    Positions of the cells by the name of their group.
    """
    return groups_of_types(kind, type_names) if labels is None else groups_of_labels(kind, labels)


def groups_of_types(kind: np.ndarray, type_names: list[str]) -> dict[str, np.ndarray]:
    """Cells of every found type.

    Parameters
    ----------
    kind
        Position of each cell's type among the names, shape ``(cells,)``.
    type_names
        Names of the types.

    Returns
    -------
    Positions of the cells by the type's name; types without cells are left out.
    """
    groups = {name: np.flatnonzero(kind == i) for i, name in enumerate(type_names)}
    return {name: index for name, index in groups.items() if len(index)}


def groups_of_labels(kind: np.ndarray, labels: pd.Series) -> dict[str, np.ndarray]:
    """Cells of every label that are of the label's most frequent type, since states of other types mean other things.

    Parameters
    ----------
    kind
        Type of each cell, shape ``(cells,)``.
    labels
        Label of each cell; cells without one belong to no group.

    Returns
    -------
    Positions of the cells by label.

    Examples
    --------
    >>> groups_of_labels(np.array([0, 0, 1, 1]), pd.Series(["a", "a", "a", "b"]))
    {'a': array([0, 1]), 'b': array([3])}
    """
    code, names = pd.factorize(labels.to_numpy(), sort=True)  # -1 where there is no label
    groups = {}
    for i, name in enumerate(names):
        index = np.flatnonzero(code == i)
        groups[str(name)] = index[kind[index] == np.bincount(kind[index]).argmax()]
    return groups


def column_of(adata: AnnData, key: str) -> pd.Series:
    """A column of labels.

    Parameters
    ----------
    adata
        Cells.
    key
        Name of a column of ``adata.obs``.

    Returns
    -------
    The column.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    if not isinstance(key, Hashable) or key not in adata.obs:
        raise KeyError(f"groupby={key!r} is not a column of adata.obs, which has {', '.join(adata.obs)}.")
    return adata.obs[key]
