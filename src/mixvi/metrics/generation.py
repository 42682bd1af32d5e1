"""Whether generated cells or images are of the category that was asked for, and what that costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999)


def generation_accuracy(
    requested: np.ndarray, judged: np.ndarray, posterior: np.ndarray, thresholds: Sequence[float] = THRESHOLDS
) -> pd.DataFrame:
    """Accuracy of what is generated against the draws it takes (MoE-Sim-VAE, section 4.1.1).

    Draws whose posterior of the requested category is below a threshold are rejected, and drawing goes on until every
    category has as many as it should. All categories count the same.

    Parameters
    ----------
    requested
        Category that was asked for, of each draw, shape ``(draws,)``.
    judged
        Category that a classifier sees in it, shape ``(draws,)``.
    posterior
        Probability of the requested category that the model gives the draw, shape ``(draws,)``.
    thresholds
        Smallest posterior that is kept.

    Returns
    -------
    A row for each threshold: ``accuracy``, the share of the kept draws that are judged as requested; ``kept``, the
    share of draws that are kept; ``draws``, the draws needed for one that is kept, infinite (and the accuracy missing)
    if nothing of a category is kept.

    Raises
    ------
    ValueError
        If the arrays differ in length or are empty, or a posterior is not in [0, 1].

    Examples
    --------
    >>> generation_accuracy(["a", "a", "b", "b"], ["a", "b", "b", "b"], [1, 0.5, 1, 1], [0, 0.9]).to_numpy()
    array([[0.75, 1.  , 1.  ],
           [1.  , 0.75, 1.5 ]])
    """
    requested, judged, posterior = (np.asarray(values) for values in (requested, judged, posterior))
    if not len(requested) == len(judged) == len(posterior) > 0:
        sizes = f"{len(requested)}, {len(judged)} and {len(posterior)}"
        raise ValueError(f"requested, judged and posterior must have the same length above 0, not {sizes}.")
    if not ((posterior >= 0) & (posterior <= 1)).all():
        raise ValueError("posterior must be in [0, 1].")
    draws = pd.DataFrame({"requested": requested, "right": requested == judged})
    rows = [_at_threshold(draws, posterior >= threshold) for threshold in thresholds]
    return pd.DataFrame(rows, index=pd.Index(thresholds, name="threshold", dtype=float))


def _at_threshold(draws: pd.DataFrame, kept: np.ndarray) -> dict[str, float]:
    """Means over the categories."""
    share = pd.Series(kept).groupby(draws["requested"]).mean()
    accuracy = draws["right"].where(kept).astype(float).groupby(draws["requested"]).mean()
    with np.errstate(divide="ignore"):
        needed = 1 / share.to_numpy()
    return {"accuracy": accuracy.mean(skipna=False), "kept": share.mean(), "draws": needed.mean()}
