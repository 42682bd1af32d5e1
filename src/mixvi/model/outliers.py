"""Cells unlike all that a model was trained on, told without labels."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.covariance import LedoitWolf

LEAST_SHRINKAGE = 1e-6  # lest misfits without any noise have no inverse
FALSE_ALARMS = 0.01  # share of the training cells that count as outliers


@dataclass(frozen=True)
class OutlierRule:
    """How far a cell may be from what the model makes of it, learned from the training cells.

    Parameters
    ----------
    center
        Mean misfit, shape ``(components,)``.
    precision
        Inverse of the misfits' covariance, shrunk (Ledoit and Wolf 2004), shape ``(components, components)``.
    limit
        Mahalanobis distance that one in a hundred training cells exceeds.
    """

    center: np.ndarray
    precision: np.ndarray
    limit: float

    @classmethod
    def fit(cls, misfit: np.ndarray) -> Self:
        """Learn the rule.

        Parameters
        ----------
        misfit
            Misfits of training cells, shape ``(cells, components)``; components without any spread are left out.

        Returns
        -------
        The rule.
        """
        misfit = misfit.astype(np.float64)
        used = misfit.std(0) > 0
        center, precision = misfit.mean(0), np.zeros((misfit.shape[1],) * 2)
        if used.any():
            covariance = LedoitWolf(store_precision=False).fit(misfit[:, used]).covariance_
            covariance += LEAST_SHRINKAGE * np.diag(covariance).mean() * np.eye(len(covariance))
            precision[np.ix_(used, used)] = np.linalg.inv(covariance)  # minutes faster than pinvh for pixels
        rule = cls(center.astype(np.float32), precision.astype(np.float32), 1.0)
        limit = np.quantile(rule.score(misfit), 1 - FALSE_ALARMS)
        return cls(rule.center, rule.precision, float(max(limit, np.finfo(np.float32).tiny)))

    def score(self, misfit: np.ndarray) -> np.ndarray:
        """Mahalanobis distance of each misfit from the mean, in units of the limit: above 1 are outliers.

        Parameters
        ----------
        misfit
            Shape ``(cells, components)``.

        Returns
        -------
        Scores, at least 0, shape ``(cells,)``.
        """
        apart = misfit - self.center
        square = np.einsum("ci,ij,cj->c", apart, self.precision, apart, optimize=True)
        return np.sqrt(square.clip(0)) / self.limit
