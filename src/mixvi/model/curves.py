"""What curves of expression along a state tell, gene by gene."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

TOLERANCE = 0.01  # share of its range by which a monotone curve may go back


def slopes(position: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Least-squares slope of every curve.

    Parameters
    ----------
    position
        Where the curves are known, shape ``(steps,)``.
    curves
        Shape ``(steps, genes)``.

    Returns
    -------
    Change per unit of position, shape ``(genes,)``; 0 where all positions are the same.

    Examples
    --------
    >>> slopes(np.array([0.0, 1, 2]), np.array([[1.0], [3], [5]]))
    array([2.])
    """
    centred = position - position.mean()
    spread = centred @ centred
    return centred @ curves / spread if spread > 0 else np.zeros(curves.shape[1])


def spearman(position: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation of one variable with many.

    Parameters
    ----------
    position
        Shape ``(n,)``.
    values
        Shape ``(n, genes)``.

    Returns
    -------
    Correlations, shape ``(genes,)``; what is constant correlates with nothing.

    Examples
    --------
    >>> spearman(np.array([1.0, 2, 3]), np.array([[0.0, 9, 5], [1, 4, 5], [10, 1, 5]]))
    array([ 1., -1.,  0.])
    """
    a, b = rankdata(position), rankdata(values, axis=0)
    a, b = a - a.mean(), b - b.mean(0)
    norm = np.linalg.norm(a) * np.linalg.norm(b, axis=0)
    return np.divide(a @ b, norm, out=np.zeros(b.shape[1]), where=norm > 0)


def effects(curves: np.ndarray) -> np.ndarray:
    """Change of every curve from its low to its high end.

    Parameters
    ----------
    curves
        Shape ``(steps, genes)``.

    Returns
    -------
    Differences, shape ``(genes,)``.

    Examples
    --------
    >>> effects(np.array([[1.0], [9], [4]]))
    array([3.])
    """
    return curves[-1] - curves[0]


def are_monotone(curves: np.ndarray) -> np.ndarray:
    """Whether curves go one way: at no step back by more than 1 % of their range.

    Parameters
    ----------
    curves
        Shape ``(steps, genes)``.

    Returns
    -------
    Booleans, shape ``(genes,)``; True for a flat curve.

    Examples
    --------
    >>> are_monotone(np.array([[1.0, 1], [2, 3], [3, 2]]))
    array([ True, False])
    """
    steps, slack = np.diff(curves, axis=0), TOLERANCE * np.ptp(curves, axis=0)
    return (steps >= -slack).all(0) | (steps <= slack).all(0)


def summarise_curves(
    position: np.ndarray, curves: np.ndarray, cells: np.ndarray, observed: np.ndarray, genes: np.ndarray
) -> pd.DataFrame:
    """All that is said of each gene along one direction.

    Parameters
    ----------
    position, curves
        Decoded curves, shapes ``(steps,)`` and ``(steps, genes)``.
    cells, observed
        Positions and observed expression of cells, shapes ``(cells,)`` and ``(cells, genes)``.
    genes
        Names of the genes.

    Returns
    -------
    A row for each gene: gene, slope, effect, monotone, rho_curve, rho_observed.
    """
    return pd.DataFrame(
        {
            "gene": genes,
            "slope": slopes(position, curves),
            "effect": effects(curves),
            "monotone": are_monotone(curves),
            "rho_curve": spearman(position, curves),
            "rho_observed": spearman(cells, observed),
        }
    )


def tidy_curves(traversal: dict) -> pd.DataFrame:
    """Curves with one row for each point.

    Parameters
    ----------
    traversal
        As in ``.uns["cpl_traversal"]``: ``expression`` (types × dims × steps × genes), ``state``
        (types × dims × steps), ``types``, ``dims`` and ``genes``.

    Returns
    -------
    Columns type, dim, step, state, gene, expression.
    """
    values = traversal["expression"]
    t, d, step, gene = (axis.ravel() for axis in np.indices(values.shape, dtype=np.int32))
    return pd.DataFrame(
        {
            "type": pd.Categorical.from_codes(t, list(traversal["types"])),
            "dim": np.asarray(traversal["dims"])[d],
            "step": step,
            "state": np.repeat(traversal["state"].ravel(), values.shape[-1]),
            "gene": pd.Categorical.from_codes(gene, list(traversal["genes"])),
            "expression": values.ravel(),
        }
    )


def stack_tables(tables: list[pd.DataFrame], first: list[str]) -> pd.DataFrame:
    """Tables one above the other, some columns first, as ``.h5ad`` files take them: text as categories.

    Parameters
    ----------
    tables
        With the same columns.
    first
        Columns to begin with.

    Returns
    -------
    The table, rows named ``"0"``, ``"1"``, …
    """
    table = pd.concat(tables, ignore_index=True)
    table = table[[*first, *table.columns.drop(first)]]
    table.index = table.index.astype(str)
    return table.astype(dict.fromkeys(table.select_dtypes("object"), "category"))
