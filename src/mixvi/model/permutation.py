"""Permutation tests of many genes against one state."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Fold:
    """States of some cells, and values of genes that were not used to infer them.

    Parameters
    ----------
    whitened
        States from :func:`~mixvi.model.association.whiten`, shape ``(cells, n_state)``.
    values
        Expression, centred and of length 1, shape ``(cells, genes)``.
    genes
        Positions of these genes among all.
    """

    whitened: np.ndarray
    values: np.ndarray
    genes: np.ndarray


def correlations(folds: list[Fold], n_genes: int, order: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Correlation of each gene with each dimension of the whitened states.

    Parameters
    ----------
    folds
        Of the same cells and different genes.
    n_genes
        Number of all genes.
    order
        Cells whose states take the place of the cells' own.

    Returns
    -------
    Shape ``(n_state, n_genes)``; 0 for a gene that is constant or not tested.
    """
    found = np.zeros((folds[0].whitened.shape[1], n_genes), folds[0].values.dtype)
    for fold in folds:
        found[:, fold.genes] = fold.whitened[order].T @ fold.values
    return found


def multiple_correlation(by_dimension: np.ndarray) -> np.ndarray:
    """Correlation of each gene with that direction of the state that suits it best.

    The square is the ``R²`` of a linear regression on all dimensions; it does not depend on how the state is rotated
    or scaled.

    Parameters
    ----------
    by_dimension
        From :func:`correlations`, shape ``(n_state, genes)``.

    Returns
    -------
    From 0 to 1, shape ``(genes,)``.
    """
    return np.linalg.norm(by_dimension, axis=0)


def permuted_correlations(
    rounds: list[list[Fold]], n_genes: int, batch: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """:func:`multiple_correlation` after the states were dealt anew to the cells of each batch, in each round in turn.

    Not on average over the rounds, as what is observed: two halves of the counts that take turns may err alike, but
    not after a permutation, so that averages would vary too little. As it is, p-values are rather too large.

    Parameters
    ----------
    rounds
        Folds that together test each gene once; as many times as it is tested.
    n_genes
        Number of all genes.
    batch
        Batch of each cell.
    n_permutations
        Number of permutations.
    rng
        Random generator.

    Returns
    -------
    Shape ``(n_permutations, n_genes)``.
    """
    of_batch = [np.flatnonzero(batch == level) for level in np.unique(batch)]
    null = np.empty((n_permutations, n_genes), rounds[0][0].values.dtype)
    order = np.arange(len(batch))
    for i in range(n_permutations):
        for own in of_batch:
            order[own] = rng.permutation(own)
        null[i] = multiple_correlation(correlations(rounds[i % len(rounds)], n_genes, order))
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
