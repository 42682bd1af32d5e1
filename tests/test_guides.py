"""The examples of the guides run as they are written, but for a few epochs only."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states

GUIDES = Path(__file__).parents[1] / "docs" / "guides"


def test_big_data(tmp_path, monkeypatch):
    cells = simulate_types_and_states([60, 40, 20], n_genes=60)
    cells.layers["counts"] = sparse.csr_matrix(cells.X)
    cells.obs["donor"] = np.random.default_rng(0).choice(["a", "b"], cells.n_obs)
    cells.write_h5ad(tmp_path / "atlas.h5ad")
    written = (tmp_path / "atlas.h5ad").read_bytes()
    train = CplMixVI.train
    monkeypatch.setattr(CplMixVI, "train", lambda self: train(self, max_epochs=2, enable_progress_bar=False))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (GUIDES / "big_data.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    namespace: dict = {}
    exec(blocks[0], namespace)
    saved = pd.read_csv("atlas_types.csv", index_col=0)
    assert saved["cpl_type"].to_list() == namespace["adata"].obs["cpl_type"].astype(int).to_list()
    assert (tmp_path / "atlas.h5ad").read_bytes() == written
    loaded = CplMixVI.load("atlas_model", namespace["adata"])
    assert loaded.get_cell_types().equals(namespace["adata"].obs["cpl_type"])
