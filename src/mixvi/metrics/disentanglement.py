"""Whether each latent follows one factor (Kim and Mnih 2018, as changed for CascadeVAE by Jeong and Song 2019)."""

import numpy as np
from numpy.typing import ArrayLike

from mixvi.arguments import check_whole

LEAST_DIVERGENCE = 0.1  # nats; a dimension below it says nothing


def disentanglement_score(
    states: ArrayLike,
    divergences: ArrayLike,
    categories: ArrayLike,
    factors: ArrayLike,
    n_votes: int = 800,
    n_samples: int = 100,
    seed: int = 0,
) -> float:
    """Accuracy of the best guess of which factor was held fixed, from the latent that varies least.

    A vote fixes a factor at one of its values, draws cells with that value, and goes to the latent whose variance among
    them is smallest, relative to its variance among all cells. The category is a latent, too, with the Gini variance.

    Parameters
    ----------
    states
        States of cells, shape ``(cells, n_state)``.
    divergences
        Mean ``D_KL(q(s_j|x) ‖ p(s_j))`` of each dimension, shape ``(n_state,)``; those of at most .1 nats are left out.
    categories
        Category of each cell, shape ``(cells,)``.
    factors
        True factors, as numbers of their values, shape ``(cells, factors)``. The other factors should be uniform given
        any one, as on a full grid or a random sample of it. Factors with one value are left out.
    n_votes
        Votes in all; each factor gets an equal number.
    n_samples
        Cells drawn for a vote, with replacement.
    seed
        Seed of what is drawn.

    Returns
    -------
    The score, from about 1/factors to 1.

    Raises
    ------
    ValueError
        If shapes do not fit, or there are fewer than two factors with several values.

    Examples
    --------
    >>> factors = np.array([[i, j] for i in range(3) for j in range(10)])
    >>> disentanglement_score(factors[:, 1:], [1.0], factors[:, 0], factors)
    1.0
    """
    states, factors = np.asarray(states, dtype=float), np.asarray(factors)
    _, category = np.unique(np.asarray(categories), return_inverse=True)
    kept = np.asarray(divergences, dtype=float) > LEAST_DIVERGENCE
    if factors.ndim != 2 or states.shape != (len(factors), len(kept)) or len(category) != len(factors):
        raise ValueError("states, divergences, categories and factors do not fit each other.")
    if not np.isfinite(states).all():
        raise ValueError("states must be finite.")
    check_whole(n_votes=n_votes, n_samples=n_samples)
    factors = factors[:, (factors != factors[:1]).any(0)]
    n_factors = factors.shape[1]
    if n_factors < 2:
        raise ValueError("At least two factors must have several values.")
    states = states[:, kept]
    overall = _variances(states, category)
    rng = np.random.default_rng(seed)
    votes = np.zeros((len(overall), n_factors), dtype=int)  # (latents, factors)
    for factor in range(n_factors):
        cells_of_value = [np.flatnonzero(factors[:, factor] == value) for value in np.unique(factors[:, factor])]
        for _ in range(n_votes // n_factors):
            cells = rng.choice(cells_of_value[rng.integers(len(cells_of_value))], n_samples)
            variance = _variances(states[cells], category[cells])
            relative = np.divide(variance, overall, out=np.full(len(overall), np.inf), where=overall > 0)
            votes[relative.argmin(), factor] += 1
    return float(votes.max(1).sum() / votes.sum())


def gini_variance(categories: ArrayLike) -> float:
    """Share of pairs of cells in different categories, halved: ``(n² − Σ n_c²) / (2 n (n − 1))``.

    Parameters
    ----------
    categories
        Category of each cell, shape ``(cells,)``, at least two cells.

    Returns
    -------
    From 0 to 1/2.

    Raises
    ------
    ValueError
        If there are fewer than two cells.

    Examples
    --------
    >>> gini_variance([0, 0, 1])
    0.3333333333333333
    """
    _, size = np.unique(np.asarray(categories), return_counts=True)
    n = size.sum()
    if n < 2:
        raise ValueError(f"Two cells are needed, not {n}.")
    return float((n**2 - (size**2).sum()) / (2 * n * (n - 1)))


def _variances(states: np.ndarray, category: np.ndarray) -> np.ndarray:
    """Variance of each state dimension, and of the category last."""
    return np.append(states.var(0, ddof=1), gini_variance(category))
