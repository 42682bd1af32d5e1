"""Found types against a reference taxonomy (supplement J.2). Labels are for scoring only."""

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cut_tree, is_valid_linkage, leaves_list

from mixvi.metrics.matching import best_pairs, contingency


def confusion(labels: np.ndarray, types: np.ndarray, linkage: np.ndarray | None = None) -> pd.DataFrame:
    """Share of each label's cells in each type, labels in the order of a dendrogram and types in that of the labels.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells, shape ``(cells,)``; cells without a label (missing) are
        left out.
    linkage
        Hierarchy of the labels, as from :func:`scipy.cluster.hierarchy.linkage`, its leaves being the categories of
        ``labels``, or the sorted labels. If None, labels stay in that order.

    Returns
    -------
    Labels × types; rows sum to one, or are zero for a category without cells. Types come in the order of the labels
    that they are matched to (:func:`match_clusters`); those that match none come last, the largest first.

    Raises
    ------
    ValueError
        If labels, types and linkage do not fit each other, or no cell has a label.

    Examples
    --------
    >>> confusion(["a", "a", "b", "b"], [1, 1, 0, 1]).to_dict("index")
    {'a': {'1': 1.0, '0': 0.0}, 'b': {'1': 0.5, '0': 0.5}}
    """
    table = contingency(labels, types)
    if linkage is not None:
        table = table.iloc[leaves_list(_checked(linkage, len(table)))]
    counts = table.to_numpy()
    rows, matched = best_pairs(counts)
    rest = np.setdiff1d(np.arange(counts.shape[1]), matched)
    order = [*matched[np.argsort(rows)], *rest[np.argsort(-counts[:, rest].sum(0), kind="stable")]]
    table = table.iloc[:, order]
    return table.div(table.sum(axis=1).clip(lower=1), axis=0)


def accuracy_along_hierarchy(labels: np.ndarray, types: np.ndarray, linkage: np.ndarray) -> pd.DataFrame:
    """Accuracy while the labels are merged up a hierarchy, from all of them to one (supplement J.2, Fig. S10b).

    At every level, a class that was merged from ``m`` labels may be matched to ``m`` types, so that types that mix up
    relatives count as right once these are merged. Without merging this is :func:`matched_accuracy`; it never falls,
    and reaches 1 unless there are more types than labels, of which those beyond match nothing.

    Parameters
    ----------
    labels, types
        Published labels and found types of the same cells, shape ``(cells,)``; cells without a label (missing) are
        left out.
    linkage
        Hierarchy of the labels, as from :func:`scipy.cluster.hierarchy.linkage`, its leaves being the categories of
        ``labels``, or the sorted labels.

    Returns
    -------
    ``accuracy`` and ``chance`` (the share of the largest class), both from 0 to 1, by ``n_classes``.

    Raises
    ------
    ValueError
        If labels, types and linkage do not fit each other, or no cell has a label.

    Examples
    --------
    >>> linkage = np.array([[0, 1, 1.0, 2], [2, 3, 2.0, 3]])  # first a and b, then c
    >>> accuracy_along_hierarchy(["a", "a", "b", "c"], [0, 1, 1, 2], linkage)["accuracy"].to_dict()
    {3: 0.75, 2: 1.0, 1: 1.0}
    """
    table = contingency(labels, types).to_numpy()
    n_labels, n_cells = len(table), table.sum()
    levels = cut_tree(_checked(linkage, n_labels))  # (labels, levels), from single labels to one class
    found = []
    for class_of in levels.T:
        of_class = np.zeros((class_of.max() + 1, table.shape[1]), dtype=int)
        np.add.at(of_class, class_of, table)
        shared = of_class[class_of]  # a row for every type that a class may match
        found.append((len(of_class), shared[best_pairs(shared)].sum() / n_cells, of_class.sum(1).max() / n_cells))
    return pd.DataFrame(found, columns=["n_classes", "accuracy", "chance"]).set_index("n_classes")


def _checked(linkage: np.ndarray, n_labels: int) -> np.ndarray:
    """The linkage, if it is one of so many labels."""
    linkage = np.asarray(linkage, dtype=float)
    if n_labels < 2 or not is_valid_linkage(linkage) or len(linkage) != n_labels - 1:
        raise ValueError(
            f"linkage must be a linkage matrix of the {n_labels} labels (at least 2), of shape ({n_labels - 1}, 4); "
            f"it has shape {linkage.shape}. Its leaves are the categories of the labels, also those without cells: "
            "remove_unused_categories() drops these."
        )
    return linkage
