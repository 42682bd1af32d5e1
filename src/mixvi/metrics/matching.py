"""One-to-one matching of found types and labels. Labels are for scoring only."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment


def contingency(labels: np.ndarray, types: np.ndarray) -> pd.DataFrame:
    """Number of cells of each label in each type; cells without a label are left out.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells, shape ``(cells,)``.

    Returns
    -------
    Labels × types, named by strings: all categories in their order, or sorted names.

    Raises
    ------
    ValueError
        If they are not of the same cells, or no cell has a label.

    Examples
    --------
    >>> contingency(["a", "a", "b"], [1, 0, 1]).to_numpy()
    array([[1, 1],
           [0, 1]])
    """
    check_same_cells(labels, types)
    labels, types = _named(labels), _named(types)
    known = (labels.codes >= 0) & (types.codes >= 0)
    if not known.any():
        raise ValueError("No cell has a label to compare with.")
    table = np.zeros((len(labels.categories), len(types.categories)), dtype=np.int64)
    np.add.at(table, (labels.codes[known], types.codes[known]), 1)
    return pd.DataFrame(table, pd.Index(labels.categories, name="label"), pd.Index(types.categories, name="type"))


def check_same_cells(labels: np.ndarray, types: np.ndarray) -> None:
    """Refuse labels and types that are not of the same cells.

    Parameters
    ----------
    labels, types
        Published labels and found types.

    Raises
    ------
    ValueError
        If they are no sequences of the same length above 0.
    """
    shapes = np.shape(labels), np.shape(types)
    if shapes[0] != shapes[1] or len(shapes[0]) != 1:
        raise ValueError(f"labels have shape {shapes[0]} and types {shapes[1]}: one of each is needed for every cell.")
    if shapes[0] == (0,):
        raise ValueError("No cell has a label to compare with: there is none.")


def best_pairs(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns that belong together: one-to-one, with the largest possible sum (Kuhn 1955).

    Parameters
    ----------
    table
        Non-negative numbers, such as of cells, shape ``(rows, columns)``.

    Returns
    -------
    Positions of the pairs; pairs with nothing in common are left out.

    Examples
    --------
    >>> best_pairs(np.array([[2, 3], [0, 2]]))
    (array([0, 1]), array([0, 1]))
    """
    rows, columns = linear_sum_assignment(table, maximize=True)
    shared = np.asarray(table)[rows, columns] > 0
    return rows[shared], columns[shared]


def match_clusters(labels: np.ndarray, types: np.ndarray) -> pd.Series:
    """The label of each found type under the best one-to-one matching.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells, shape ``(cells,)``; cells without a label (missing) are
        left out.

    Returns
    -------
    Labels, indexed by type. Types beyond the number of labels, and those that have no cell of a label that is left,
    are not in it.

    Raises
    ------
    ValueError
        If they are not of the same cells, or no cell has a label.

    Examples
    --------
    >>> match_clusters(["a", "a", "b", "b"], [1, 1, 0, 1]).to_dict()
    {'0': 'b', '1': 'a'}
    """
    table = contingency(labels, types)
    rows, columns = best_pairs(table.to_numpy())
    return pd.Series(table.index[rows], table.columns[columns], name="label").sort_index(key=table.columns.get_indexer)


def matched_accuracy(labels: np.ndarray, types: np.ndarray) -> float:
    """Share of cells whose type is matched to their label, under the best one-to-one matching.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells.

    Returns
    -------
    Accuracy, from 0 to 1. Types beyond the number of labels (and labels beyond the number of types) match nothing.

    Raises
    ------
    ValueError
        If they are not of the same cells, or no cell has a label.

    Examples
    --------
    >>> matched_accuracy(["a", "a", "b", "b"], [1, 1, 0, 1])
    0.75
    """
    table = contingency(labels, types).to_numpy()
    return float(table[best_pairs(table)].sum() / table.sum())


def _named(names: np.ndarray) -> pd.Categorical:
    """As categories of strings: categories in their order, other names sorted."""
    names = pd.Series(names)
    return pd.Categorical(
        names if isinstance(names.dtype, pd.CategoricalDtype) else names.astype("category")
    ).rename_categories(str)
