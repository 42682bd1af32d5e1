"""Simulated cells that questions are asked about, where the truth is known."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from anndata import AnnData

from mixvi import CplMixVI
from mixvi.bench.data import CORTEX
from mixvi.datasets import simulate_types_and_states, unbalanced_sizes


@dataclass(frozen=True)
class Planted:
    """Cells to simulate.

    Parameters
    ----------
    n_types, n_cells, n_genes, imbalance
        Sizes.
    how
        Other arguments of :func:`~mixvi.datasets.simulate_types_and_states`.
    """

    n_types: int
    n_cells: int
    n_genes: int
    imbalance: float
    how: dict

    def simulate(self, seed: int, quick: bool) -> AnnData:
        """The cells; other seeds plant other types. Quick ones are a third of the cells."""
        sizes = unbalanced_sizes(self.n_types, self.n_cells // (3 if quick else 1), self.imbalance)
        return simulate_types_and_states(sizes, self.n_genes, seed=seed, **self.how)


PLANTED = {
    "easy5": Planted(5, 2_000, 500, 1, {"responding": 0.5}),
    "batches8": Planted(8, 2_400, 600, 5, {"responding": 0.5, "n_batches": 2, "closest": 0.3}),
    "cortex12": Planted(12, 3_000, 1_000, 10, CORTEX),
}
DESCRIBED = (
    "Simulated cells: `easy5`: 5 types of equal size, 2,000 cells. `batches8`: 8 types of a taxonomy, 2,400 cells in "
    "two batches. `cortex12`: 12 types of a taxonomy, the largest ten times the smallest, with depth, expression and "
    "dispersion of Zeisel 2015, 3,000 cells. In each type half of the activity genes follow a state. Every seed plants "
    "other cells."
)


def fitted(adata: AnnData, seed: int, quick: bool, train: dict | None = None, **kwargs) -> CplMixVI:
    """Train a model of a copy of the cells, told their batch if there are several; quickly, 15 epochs.

    Parameters
    ----------
    adata
        Cells with ``.obs["batch"]``.
    seed
        Seed of the model.
    quick
        Whether to train briefly.
    train
        Other arguments of its ``train``.
    **kwargs
        Other arguments of :class:`~mixvi.CplMixVI`.

    Returns
    -------
    The model; its cells have their types.
    """
    adata = adata.copy()
    CplMixVI.setup_anndata(adata, batch_key="batch" if adata.obs["batch"].nunique() > 1 else None)
    model = CplMixVI(adata, seed=seed, **kwargs)
    model.train(max_epochs=15 if quick else None, enable_progress_bar=False, **(train or {}))
    model.get_cell_types()
    return model


@lru_cache(maxsize=1)
def trained(case: str, seed: int, quick: bool) -> CplMixVI:
    """A model with the default settings, trained once for all questions about it.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    The model; its cells have the truth and their types.
    """
    return fitted(PLANTED[case].simulate(seed, quick), seed, quick)


def majority(groups: pd.Series, labels: pd.Series) -> pd.Series:
    """Most frequent label of each group, by the group's name; cells without a label are ``(none)``.

    Parameters
    ----------
    groups, labels
        Of the same cells.

    Returns
    -------
    Labels, indexed by group.
    """
    labels = labels.astype(object).where(labels.notna(), "(none)")
    table = pd.crosstab(np.asarray(groups.astype(str)), np.asarray(labels.astype(str)))
    return table.idxmax(axis=1)
