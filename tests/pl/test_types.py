import numpy as np
import pytest
from matplotlib import pyplot as plt

from mixvi import pl


@pytest.fixture
def cells(small):
    small.obs["cpl_type"] = small.obs["type"].astype("category")
    small.obs["cpl_confidence"] = 1.0
    small.obsm["X_umap"] = np.random.default_rng(0).normal(size=(small.n_obs, 2))
    yield small
    plt.close("all")


def test_two_panels(cells):
    axes = pl.types(cells, label_key="type")
    assert [ax.get_title() for ax in axes] == ["types found", "published labels"]
    assert len(axes[0].get_legend().get_texts()) == 3
    assert pl.types(cells)[1].get_title() == "confidence of the type"


def test_a_long_legend_gets_columns(cells):
    cells.obs["many"] = [f"label {i % 60}" for i in range(cells.n_obs)]
    legend = pl.types(cells, label_key="many")[1].get_legend()
    assert len(legend.get_texts()) == 60
    assert legend._ncols == 3


def test_missing_keys(cells):
    with pytest.raises(KeyError, match="'other' is not a column"):
        pl.types(cells, label_key="other")
    with pytest.raises(KeyError, match="Compute an embedding first"):
        pl.types(cells, basis="X_tsne")
