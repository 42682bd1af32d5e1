"""Permutation tests of many genes against one state."""

import numpy as np


def multiple_correlation(whitened: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Correlation of each gene with that direction of the state that suits it best.

    The square is the ``R²`` of a linear regression on all dimensions; it does not depend on how the state is rotated
    or scaled.

    Parameters
    ----------
    whitened
        States from :func:`whiten`, shape ``(cells, n_state)``.
    values
        Expression, centred and of length 1, shape ``(cells, genes)``.

    Returns
    -------
    From 0 to 1, shape ``(genes,)``; 0 for a constant gene.
    """
    return np.linalg.norm(whitened.T @ values, axis=0)


def permuted_correlations(
    whitened: np.ndarray, values: np.ndarray, batch: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """:func:`multiple_correlation` after the states were dealt anew to the cells of each batch.

    Parameters
    ----------
    whitened, values
        As in :func:`multiple_correlation`.
    batch
        Batch of each cell.
    n_permutations
        Number of permutations.
    rng
        Random generator.

    Returns
    -------
    Shape ``(n_permutations, genes)``.
    """
    of_batch = [np.flatnonzero(batch == level) for level in np.unique(batch)]
    null = np.empty((n_permutations, values.shape[1]), values.dtype)
    order = np.arange(len(values))
    for i in range(n_permutations):
        for own in of_batch:
            order[own] = rng.permutation(own)
        null[i] = multiple_correlation(whitened[order], values)
    return null


def p_values(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Permutation p-value of each gene: ``(1 + #{null ≥ observed}) / (1 + permutations)``.

    Parameters
    ----------
    observed
        Statistic of each gene, shape ``(genes,)``.
    null
        The same after permutations, shape ``(permutations, genes)``.

    Returns
    -------
    Shape ``(genes,)``.

    Examples
    --------
    >>> p_values(np.array([2.0, 0.0]), np.array([[1.0, 1], [3, 1], [0, 1]]))
    array([0.5, 1. ])
    """
    return (1 + (null >= observed - 1e-6).sum(0)) / (1 + len(null))


def false_discovery_rates(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Share of false ones among all genes that score at least as high, estimated from permutations.

    The plug-in estimate (Tusher, Tibshirani and Chu 2001; Storey and Tibshirani 2003) with no gene taken for granted
    (``π₀ = 1``): genes that reach a score on average over the permutations, the observed order counted as one of
    them, by genes that reach it. Unlike p-values it is not bounded by the number of permutations of one gene.

    Parameters
    ----------
    observed, null
        As in :func:`p_values`.

    Returns
    -------
    Shape ``(genes,)``, at most 1, never lower for a lower score.

    Examples
    --------
    >>> false_discovery_rates(np.array([5.0, 1.0]), np.array([[0.0, 2], [1, 0], [0, 0]])).round(2)
    array([0.25, 0.5 ])
    """
    order = np.argsort(-observed, kind="stable")
    pooled = np.sort(null, axis=None)
    reached = pooled.size - np.searchsorted(pooled, observed[order] - 1e-6)
    n_found = len(observed) - np.searchsorted(np.sort(observed), observed[order] - 1e-6)
    rate = np.minimum((reached + n_found) / (1 + len(null)) / n_found, 1)
    out = np.empty(len(observed))
    out[order] = np.minimum.accumulate(rate[::-1])[::-1]
    return out
