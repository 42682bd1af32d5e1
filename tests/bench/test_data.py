import numpy as np
import pandas as pd
import pytest

from mixvi import datasets
from mixvi.bench.data import Cells, data_names, load_cells, truth_of
from mixvi.bench.methods import METHODS, chosen_methods
from mixvi.bench.records import unpack


def test_labels_are_ordered_by_similarity(cells):
    adata = cells.adata.copy()
    adata.X = np.zeros(adata.shape, np.float32)
    for kind, genes in {"0": slice(0, 20), "1": slice(40, 60), "2": slice(0, 25)}.items():  # 0 is like 2, 1 is not
        adata.X[np.ix_(adata.obs["type"] == kind, np.r_[genes])] = 1
    truth = truth_of(Cells("toy", adata, cells.labels))
    assert truth.labels in (["1", "0", "2"], ["1", "2", "0"], ["0", "2", "1"], ["2", "0", "1"])
    codes = unpack(truth.codes)
    assert codes[0] == -1
    assert [truth.labels[code] for code in codes[1:]] == cells.labels[1:].tolist()


def test_simulated_sets_are_among_the_names(toy):
    assert data_names() == ["toy", "simulated115", "simulated20"]


def test_a_marker_without_gates_is_left_out(monkeypatch, cells):
    adata = cells.adata[:, :3].copy()
    adata.var_names, adata.var["marker_class"] = ["CD3", "CD45", "pERK"], pd.Categorical(["type", "type", "state"])
    monkeypatch.setattr(datasets, "load", lambda name: adata.copy())
    adata.obs["population"] = cells.labels
    left = load_cells("bodenmiller2012").adata.var["marker_class"]
    assert left.to_dict() == {"CD3": "type", "CD45": "none", "pERK": "state"}


def test_methods_by_name_and_group():
    assert chosen_methods("n_arms=3, rivals,n_arms=3") == ["n_arms=3", "log_pcs", "pearson_pcs", "scvi"]
    assert chosen_methods("all") == list(METHODS)
    for names in ("", "what"):
        with pytest.raises(ValueError, match="Choose from cplmixvi"):
            chosen_methods(names)
