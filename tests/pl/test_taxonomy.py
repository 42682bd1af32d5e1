import numpy as np
import pytest
import scanpy as sc
from matplotlib import pyplot as plt

from mixvi import metrics, pl


@pytest.fixture
def cells(small):
    small.obs["cpl_type"] = small.obs["type"].cat.rename_categories({"0": "1", "1": "0"})
    small.obs.loc[small.obs_names[:10], "cpl_type"] = "2"
    small.obsm["X_pca"] = small.X.toarray()[:, :20]
    yield small
    plt.close("all")


def test_confusion_shows_the_table(cells):
    ax = pl.confusion(cells, "type")
    table = metrics.confusion(cells.obs["type"], cells.obs["cpl_type"])
    np.testing.assert_array_equal(ax.images[0].get_array(), table)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0", "1", "2"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == table.columns.to_list()


def test_confusion_follows_the_dendrogram_of_scanpy(cells):
    sc.tl.dendrogram(cells, "type", use_rep="X_pca")
    ax = pl.confusion(cells, "type")
    order = cells.uns["dendrogram_type"]["categories_ordered"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(order)
    (tree,) = ax.child_axes
    assert tree.get_ylim() == (30, 0)  # its leaves lie beside the rows
    assert len(tree.collections[0].get_segments()) == 2


def test_hierarchy_accuracy(cells):
    ax = pl.hierarchy_accuracy(cells, "type", ["cpl_type", "type"], linkage=cells.uns["taxonomy"])
    lines = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    expected = metrics.accuracy_along_hierarchy(cells.obs["type"], cells.obs["cpl_type"], cells.uns["taxonomy"])
    np.testing.assert_array_equal(lines["cpl_type"], expected["accuracy"])
    np.testing.assert_array_equal(lines["type"], 1)


def test_silhouettes(cells):
    ax = pl.silhouettes(cells, "type", n_components=(5, 10))
    expected = metrics.silhouette(cells.obsm["X_pca"], cells.obs["cpl_type"], (5, 10))
    bars = [bar.get_height() for bar in ax.containers[0]]
    np.testing.assert_allclose(bars, expected.groupby("n_components")["silhouette"].mean())


def test_missing_keys(cells):
    for function in (pl.confusion, pl.hierarchy_accuracy, pl.silhouettes):
        with pytest.raises(KeyError, match="'other' is not a column"):
            function(cells, "other")
    with pytest.raises(KeyError, match="call sc.tl.dendrogram"):
        pl.hierarchy_accuracy(cells, "type")
    with pytest.raises(KeyError, match="Compute principal components first"):
        pl.silhouettes(cells, "type", basis="X_other")
