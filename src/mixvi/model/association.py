"""How strongly genes follow a state, and how sure one can be of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from mixvi.model.permutation import false_discovery_rates, p_values, permuted_correlations
from mixvi.nn.projection import CLIP, OVERDISPERSION

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
            depth = values.sum(1, keepdims=True, dtype=np.float64)
            expected = (depth * values.sum(0) / max(depth.sum(), 1)).astype(np.float32)
            variance = np.maximum(expected + expected**2 / OVERDISPERSION, 1e-12)
            values = ((values - expected) / np.sqrt(variance)).clip(-CLIP, CLIP)
        out[own] = values - values.mean(0)
    return out


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

    def test(self, index: np.ndarray, n_permutations: int, rng: np.random.Generator) -> "Association":
        """Correlate the genes with the state among the cells at some positions, and after permutations."""
        batch, state = self.batch[index], centre(self.state[index], self.batch[index])
        values = unit(residuals(self.x[index], batch, self.counts)[:, self.genes])
        whitened = whiten(state).astype(values.dtype)
        null = permuted_correlations(whitened, values, batch, n_permutations, rng)
        return Association(self.genes, whitened.T @ values, unit(state).T @ values, null)

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


@dataclass
class Association:
    """How genes follow the state of one type.

    Parameters
    ----------
    genes
        Positions of the genes.
    whitened, raw
        Correlations with whitened and with raw states, each ``(n_state, genes)``.
    null
        Multiple correlations after permutations, ``(permutations, genes)``.
    """

    genes: np.ndarray
    whitened: np.ndarray
    raw: np.ndarray
    null: np.ndarray


def rank_genes(tests: list[Association], names: np.ndarray) -> pd.DataFrame:
    """A table of the genes of one type, the highest score first.

    Parameters
    ----------
    tests
        Of different genes.
    names
        Names of all genes.

    Returns
    -------
    Columns gene, score, r_state0, …, pvalue, fdr.
    """
    whitened = np.concatenate([test.whitened for test in tests], 1)
    null = np.concatenate([test.null for test in tests], 1)
    score = np.linalg.norm(whitened, axis=0)
    raw = np.concatenate([test.raw for test in tests], 1)
    table = pd.DataFrame(
        {
            "gene": names[np.concatenate([test.genes for test in tests])],
            "score": score,
            **{f"r_state{d}": row for d, row in enumerate(raw)},
            "pvalue": p_values(score, null),
            "fdr": false_discovery_rates(score, null),
        }
    )
    return table.sort_values("score", ascending=False, kind="stable", ignore_index=True)
