"""How a mixture uses its categories. No labels are needed."""

import numpy as np
from numpy.typing import ArrayLike


def category_divergence(probabilities: ArrayLike, prior: ArrayLike | None = None) -> float:
    """``D_KL(q(c) ‖ p(c))`` of the average category ``q(c)`` to a prior.

    The papers' tables seem to have it in hundredths of nats: with 115 categories of equal prior it cannot exceed
    ``log 115 = 4.74`` nats, and 459 is printed.

    Parameters
    ----------
    probabilities
        Probability of each category for each cell, shape ``(cells, categories)``; one column for each category of the
        model, also for those that hold no cell.
    prior
        ``p(c)``, shape ``(categories,)``; if None, all categories are equally probable.

    Returns
    -------
    The divergence in nats; 0 if categories are used as the prior says.

    Raises
    ------
    ValueError
        If rows do not sum to 1, or the prior does not fit.

    Examples
    --------
    >>> round(category_divergence([[1, 0], [1, 0]]), 3)
    0.693
    """
    q = _checked(probabilities).mean(0)
    p = np.full(len(q), 1 / len(q)) if prior is None else np.asarray(prior, dtype=float)
    if p.shape != q.shape or not np.isclose(p.sum(), 1) or (p <= 0).any():
        raise ValueError(f"prior must be {len(q)} probabilities above 0 that sum to 1.")
    used = q > 0
    return float((q[used] * np.log(q[used] / p[used])).sum())


def average_maximum_posterior(probabilities: ArrayLike, per: str = "cell") -> float:
    """AMP: how sure the model is of its categories.

    Parameters
    ----------
    probabilities
        Probability of each category for each cell, shape ``(cells, categories)``.
    per
        ``"cell"``: the mean over cells of the largest probability of a category. ``"category"``: as it is printed,
        ``1/K Σ_k max_x p(c_k|x)``, the mean over categories of the largest probability in any cell.

    Returns
    -------
    From 0 to 1.

    Raises
    ------
    ValueError
        If rows do not sum to 1, or ``per`` is neither.

    Examples
    --------
    >>> round(average_maximum_posterior([[0.75, 0.25], [0.5, 0.5]]), 3)
    0.625
    >>> round(average_maximum_posterior([[0.75, 0.25], [0.5, 0.5]], per="category"), 3)
    0.625
    """
    if per not in ("cell", "category"):
        raise ValueError(f"per={per!r} must be 'cell' or 'category'.")
    return float(_checked(probabilities).max(1 if per == "cell" else 0).mean())


def posterior_log_ratio(probabilities: ArrayLike) -> float:
    """``log(E_x max_c q(c|x) / E_x min_c q(c|x))`` (supplement Fig. S9a): high when categories exclude each other.

    Parameters
    ----------
    probabilities
        Probability of each category for each cell, shape ``(cells, categories)``.

    Returns
    -------
    The ratio, at least 0; infinite if the smallest probability of every cell is zero.

    Raises
    ------
    ValueError
        If rows do not sum to 1.

    Examples
    --------
    >>> round(posterior_log_ratio([[0.8, 0.2], [0.6, 0.4]]), 3)
    0.847
    """
    p = _checked(probabilities)
    with np.errstate(divide="ignore"):
        return float(np.log(p.max(1).mean()) - np.log(p.min(1).mean()))


def _checked(probabilities: ArrayLike) -> np.ndarray:
    p = np.asarray(probabilities, dtype=float)
    if p.ndim != 2 or not p.size or (p < 0).any() or not np.allclose(p.sum(1), 1, atol=1e-3):
        raise ValueError("probabilities must be cells × categories, with rows that sum to 1.")
    return p
