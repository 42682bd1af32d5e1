"""The examples of these pages run as they are written, but for a few epochs only."""

import re
from pathlib import Path

import pytest

import mixvi
from mixvi import MoESimVI
from mixvi.datasets import simulate_cytometry

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / "models" / "moe_sim_vi.md", DOCS / "guides" / "cytometry.md"]


@pytest.fixture
def quick(monkeypatch) -> None:
    """One epoch of training, and a file of a cytometer."""

    def read(path):
        adata = simulate_cytometry([200, 100], n_markers=4)
        adata.var_names = ["Time", "CD3", "CD4", "CD19"]
        return adata

    train = MoESimVI.train
    monkeypatch.setattr(MoESimVI, "train", lambda self: train(self, max_epochs=1, enable_progress_bar=False))
    monkeypatch.setattr(mixvi.datasets, "read_fcs", read)


def test_the_pages_of_moesimvi_run(quick):
    namespace: dict = {}
    blocks = [block for page in PAGES for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
    assert len(blocks) == 4
    for block in blocks:
        exec(block, namespace)
    assert namespace["adata"].layers["moe_imputed"].shape == (309, 3)
    assert namespace["new"].n_obs == 1000
    assert "moe_type" in namespace["mdata"]["rna"].obs
