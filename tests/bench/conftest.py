from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi import datasets
from mixvi.bench.data import Cells
from mixvi.bench.records import Partition, Record, pack
from mixvi.datasets import simulate_types_and_states


@pytest.fixture
def cells() -> Cells:
    """200 cells of 3 types, the first of them without a label, and with a planted state."""
    adata = simulate_types_and_states([100, 60, 40], n_genes=80)
    labels = adata.obs["type"].astype(object)
    labels.iloc[0] = np.nan
    return Cells("toy", adata, labels, states=adata.obs[["state"]].to_numpy())


@pytest.fixture
def two_wells() -> Cells:
    """Three populations in two wells that differ in two markers; a tenth of the cells is not gated."""
    rng = np.random.default_rng(0)
    kind = rng.integers(3, size=600)
    signal = np.array([[300.0, 1.0, 5.0], [1.0, 300.0, 5.0], [1.0, 1.0, 5.0]])[kind]
    var = pd.DataFrame({"marker_class": ["type", "type", "state"]}, index=["CD3", "CD19", "pSTAT1"])
    adata = AnnData(rng.gamma(10, signal / 10).astype(np.float32), var=var)
    adata.obs["population"] = pd.Series(kind.astype(str), adata.obs_names).where(rng.random(600) > 0.1)
    adata.obs["well"] = np.repeat(["A1", "B2"], 300)
    return Cells("toy", adata, adata.obs["population"].astype(object))


@pytest.fixture
def toy(monkeypatch, cells) -> None:
    """Makes the cells a data set that can be named."""
    about = SimpleNamespace(labels_key="label", batch_key=None)
    monkeypatch.setattr(datasets, "DATASETS", {"toy": about}, raising=False)

    def load(name):
        adata = cells.adata.copy()
        adata.obs["label"] = cells.labels
        return adata

    monkeypatch.setattr(datasets, "load", load, raising=False)


@pytest.fixture
def record():
    """Makes a record by hand."""

    def make(seed, types, accuracy, method="cplmixvi", data="toy", ari=0.5, seconds=10.0) -> Record:
        scores = {"accuracy": accuracy, "ARI": ari, "NMI": 0.5}
        part = Partition(len(set(types)), scores, seconds, pack(types))
        names = ("leiden_0.5", "leiden_1", "kmeans") if method == "log_pcs" else ("types",)
        return Record(
            data,
            method,
            seed,
            partitions=dict.fromkeys(names, part),
            picked="leiden_0.5" if method == "log_pcs" else None,
            seconds={"wall": seconds, "train": seconds},
            versions={"mixvi": "0"},
        )

    return make
