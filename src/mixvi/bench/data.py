"""The cells that methods are compared on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData
from scipy.cluster.hierarchy import leaves_list, linkage

from mixvi import cytometry, datasets
from mixvi.bench.records import Truth, pack
from mixvi.datasets import SimulationParameters
from mixvi.images import shape_of_images

SIMULATED = {  # the first has the size of the papers' Smart-seq set
    "simulated115": {"n_types": 115, "n_cells": 22_365, "n_genes": 5_000, "imbalance": 100},
    "simulated20": {"n_types": 20, "n_cells": 3_000, "n_genes": 1_000, "imbalance": 20},
}
CORTEX_CELLS = SimulationParameters(  # estimated from the cells of Zeisel 2015
    depth_log_mean=9.16,
    depth_log_sd=0.675,
    gene_log_quantiles=(-0.41, -0.29, -0.15, -0.01, 0.14, 0.31, 0.51, 0.77, 1.09, 1.59, 2.91),
    dispersion=(0.37, 0.33),
)
CORTEX = {
    "closest": 0.1,
    "marker_share": 0.05,
    "marker_effect": 2.0,
    "state_effect": 0.4,
    "responding": 0.5,
    "parameters": CORTEX_CELLS,
}


BOUND = 10 / 7  # of the number of labels, as an upper bound of the number of clusters: 20 of 14
LEFT_OUT = {"bodenmiller2012": ["CD45"]}  # on all of these cells: no gate is drawn on it


@dataclass(frozen=True)
class Cells:
    """A data set as the methods see it, and its truth.

    Parameters
    ----------
    name
        Name of the data set.
    adata
        Values in ``.X``, for the methods.
    labels
        Published or true labels, for scoring only; missing where a cell has none.
    batch_key
        Column of ``.obs`` with the batch, or None.
    states
        True states ``(cells, states)``, where cells are simulated.
    """

    name: str
    adata: AnnData
    labels: pd.Series
    batch_key: str | None = None
    states: np.ndarray | None = None

    @property
    def is_cytometry(self) -> bool:
        """Whether its features are markers, some of which define populations."""
        return "marker_class" in self.adata.var

    @property
    def is_images(self) -> bool:
        """Whether its cells are images."""
        return shape_of_images(self.adata) is not None

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return self.labels.nunique()

    def n_clusters(self, per_label: float) -> int:
        """Number of clusters that is a multiple of the number of labels."""
        return round(per_label * self.n_labels)

    def by_sample(self, column: str) -> dict[str, "Cells"]:
        """The cells of each sample, from a column of ``.obs``, by its name.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        if column not in self.adata.obs:
            raise KeyError(f"{column!r} is not a column of {self.name}, which has {', '.join(self.adata.obs)}.")
        sample = self.adata.obs[column].astype(str).to_numpy()
        return {
            name: Cells(name, self.adata[sample == name].copy(), self.labels[sample == name], self.batch_key)
            for name in np.unique(sample)
        }


def data_names() -> list[str]:
    """Names of the data sets that can be benchmarked: real ones with labels, and simulated ones."""
    return [name for name, about in datasets.DATASETS.items() if about.labels_key] + list(SIMULATED)


def check_name(name: str) -> None:
    """Refuse a name that is not one of :func:`data_names`.

    Parameters
    ----------
    name
        The name.

    Raises
    ------
    ValueError
        If it is unknown; the message lists the known ones.
    """
    if name not in data_names():
        raise ValueError(f"Unknown data set {name!r}. Choose from {', '.join(data_names())}.")


def load_cells(name: str) -> Cells:
    """Load or simulate a data set.

    Parameters
    ----------
    name
        One of :func:`data_names`.

    Returns
    -------
    The cells.
    """
    if name in SIMULATED:
        size = dict(SIMULATED[name])
        n_genes = size.pop("n_genes")
        adata = datasets.simulate_types_and_states(datasets.unbalanced_sizes(**size), n_genes, **CORTEX)
        adata = adata[np.asarray(adata.X.sum(1)).ravel() > 0].copy()
        return Cells(name, adata, adata.obs["type"].astype(object), states=adata.obsm["states"])
    about = datasets.DATASETS[name]
    adata = datasets.load(name)
    if name in LEFT_OUT:
        adata.var["marker_class"] = (
            adata.var["marker_class"].astype(object).where(~adata.var_names.isin(LEFT_OUT[name]), "none")
        )
    return Cells(name, adata, adata.obs[about.labels_key].astype(object), about.batch_key)


def truth_of(cells: Cells) -> Truth:
    """The labels, in the order of a hierarchical clustering of their mean expression.

    Parameters
    ----------
    cells
        The cells.

    Returns
    -------
    What is kept beside the records.
    """
    known = cells.labels.notna().to_numpy()
    codes, names = pd.factorize(cells.labels[known].astype(str), sort=True)
    adata = AnnData(cells.adata.X[known].astype(np.float32))
    if cells.is_cytometry:
        cytometry.arcsinh(adata)
        adata.X = adata.layers.pop("arcsinh")
    else:
        sc.pp.normalize_total(adata, target_sum=1e4)
        sc.pp.log1p(adata)
    means = np.stack([np.asarray(adata.X[codes == k].mean(0)).ravel() for k in range(len(names))])
    order = leaves_list(linkage(means, "average")) if len(names) > 1 else np.zeros(1, int)
    all_codes = np.full(len(known), -1)
    all_codes[known] = np.argsort(order)[codes]
    return Truth([str(names[k]) for k in order], pack(all_codes), cells.adata.n_vars)
