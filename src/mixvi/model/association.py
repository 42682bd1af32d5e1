"""How strongly genes follow a state, and how sure one can be of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from mixvi.model.permutation import (
    Fold,
    correlations,
    false_discovery_rates,
    multiple_correlation,
    p_values,
    permuted_correlations,
)
from mixvi.nn.projection import CLIP, OVERDISPERSION

ABUNDANT = 0.05  # share of the counts of a type beyond which a gene does not count for depth
SMALLEST = 1e-6  # singular value of a direction of the state that counts as variable, as a share of the largest


def residuals(x: np.ndarray | sparse.spmatrix, batch: np.ndarray, counts: bool) -> np.ndarray:
    """Expression without what follows from depth and batch.

    Counts become clipped Pearson residuals (Lause, Berens and Kobak 2021, Eq. 4) of a model in which all cells of a
    batch have the same composition: a gene that follows nothing but depth has mean 0 at any depth. Other values are
    centred in their batch.

    Parameters
    ----------
    x
        Expression of cells of one type, shape ``(cells, genes)``, dense or sparse.
    batch
        Batch of each cell, shape ``(cells,)``.
    counts
        Whether the values are counts.

    Returns
    -------
    Shape ``(cells, genes)``, float32; every gene has mean 0 in every batch.
    """
    x = (x.toarray() if sparse.issparse(x) else np.asarray(x)).astype(np.float32)
    out = np.empty_like(x)
    for level in np.unique(batch):
        own = batch == level
        values = x[own]
        if counts:
            depth = robust_depth(values)
            expected = (depth * values.sum(0) / max(depth.sum(), 1)).astype(np.float32)
            variance = np.maximum(expected + expected**2 / OVERDISPERSION, 1e-12)
            values = ((values - expected) / np.sqrt(variance)).clip(-CLIP, CLIP)
        out[own] = values - values.mean(0)
    return out


def robust_depth(counts: np.ndarray) -> np.ndarray:
    """What each cell has counted of genes that are not abundant: when an abundant one rises, the others do not fall.

    Parameters
    ----------
    counts
        Counts of cells of one type, shape ``(cells, genes)``.

    Returns
    -------
    Shape ``(cells, 1)``. Genes with more than a twentieth of all counts are left out, as in scanpy's
    ``normalize_total(exclude_highly_expressed=True)``, unless nothing else is left of some cell.

    Examples
    --------
    >>> robust_depth(np.array([[90.0] + [1] * 30, [10] + [1] * 30]))[:, 0]
    array([30., 30.])
    """
    total = counts.sum(0, dtype=np.float64)
    depth = counts[:, total <= ABUNDANT * total.sum()].sum(1, keepdims=True, dtype=np.float64)
    return depth if depth.all() else counts.sum(1, keepdims=True, dtype=np.float64)


def centre(values: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Take each batch's mean out.

    Parameters
    ----------
    values
        Shape ``(cells, columns)``.
    batch
        Batch of each cell, shape ``(cells,)``.

    Returns
    -------
    Same shape, float64.
    """
    centred = values.astype(np.float64)
    for level in np.unique(batch):
        centred[batch == level] -= centred[batch == level].mean(0)
    return centred


def whiten(states: np.ndarray) -> np.ndarray:
    """Uncorrelated states of length 1, as near as can be to the states themselves.

    Parameters
    ----------
    states
        Centred, shape ``(cells, n_state)``.

    Returns
    -------
    ``U Vᵀ`` of the singular value decomposition ``U S Vᵀ``, without directions that do not vary; same shape.

    Examples
    --------
    >>> whiten(np.array([[3.0, 0], [-3, 0], [0, 0]])).round(2)
    array([[ 0.71,  0.  ],
           [-0.71,  0.  ],
           [ 0.  ,  0.  ]])
    """
    left, values, right = np.linalg.svd(states, full_matrices=False)
    varies = values > max(SMALLEST * values.max(initial=0), 1e-9)
    return left[:, varies] @ right[varies]


def unit(values: np.ndarray) -> np.ndarray:
    """Columns scaled to length 1; constant ones, centred before, to 0.

    Parameters
    ----------
    values
        Shape ``(cells, columns)``.

    Returns
    -------
    Same shape.
    """
    norm = np.linalg.norm(values, axis=0)
    return np.divide(values, norm, out=np.zeros_like(values), where=norm > 1e-6)


@dataclass
class HeldOut:
    """States inferred from one part of the values, and the part that they did not see.

    Parameters
    ----------
    kind, state, batch
        Position of each cell's type among the types, its state ``(cells, n_state)``, and its batch.
    x
        Expression, ``(cells, genes)``, dense or sparse.
    genes
        Positions of the genes whose values the states did not see.
    counts
        Whether the values are counts.
    """

    kind: np.ndarray
    state: np.ndarray
    batch: np.ndarray
    x: np.ndarray | sparse.csr_matrix
    genes: np.ndarray
    counts: bool

    def slope(self, index: np.ndarray, genes: np.ndarray) -> np.ndarray | None:
        """Weights of the state ``(n_state,)`` that tell the mean of some genes best, in the cells at some positions.

        By least squares on values that the state did not see. None if there are none of these genes.
        """
        genes = np.intersect1d(genes, self.genes)
        if not len(genes):
            return None
        batch = self.batch[index]
        level = unit(residuals(self.x[index], batch, self.counts)[:, genes]).mean(1)
        return np.linalg.lstsq(centre(self.state[index], batch), level, rcond=None)[0]


def rank_genes(
    parts: list[HeldOut], index: np.ndarray, names: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> pd.DataFrame:
    """A table of the genes of one type, the highest score first.

    Parameters
    ----------
    parts
        Several, where each part of the values has been held out in turn.
    index
        Positions of cells of one type.
    names
        Names of all genes.
    n_permutations
        Number of permutations.
    rng
        Random generator.

    Returns
    -------
    Columns gene, score, r_state0, …, pvalue, fdr.
    """
    batch, n_genes = parts[0].batch[index], len(names)
    states = [centre(part.state[index], batch) for part in parts]
    values = [unit(residuals(part.x[index], batch, part.counts)[:, part.genes]) for part in parts]
    rounds = _rounds(parts, [whiten(state) for state in states], values)
    score = multiple_correlation(np.mean([correlations(folds, n_genes) for folds in rounds], 0))
    null = permuted_correlations(rounds, n_genes, batch, n_permutations, rng)
    raw = np.mean([correlations(folds, n_genes) for folds in _rounds(parts, map(unit, states), values)], 0)
    table = pd.DataFrame(
        {
            "gene": names,
            "score": score,
            **{f"r_state{d}": row for d, row in enumerate(raw)},
            "pvalue": p_values(score, null),
            "fdr": false_discovery_rates(score, null),
        }
    )
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True)


def _rounds(parts: list[HeldOut], states: Iterable[np.ndarray], values: list[np.ndarray]) -> list[list[Fold]]:
    """Parts that test each gene once: each of those that hold counts of all genes, or both that hold half of them."""
    folds = [
        Fold(state.astype(own.dtype), own, part.genes) for part, state, own in zip(parts, states, values, strict=True)
    ]
    return [[fold] for fold in folds] if parts[0].counts else [folds]
