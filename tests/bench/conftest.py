from types import SimpleNamespace

import numpy as np
import pytest

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
