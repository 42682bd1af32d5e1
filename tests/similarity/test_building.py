import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from scipy import sparse

from mixvi import images
from mixvi.similarity import affine_graph, build_similarity, get_similarity, knn_graph, threshold_graph, umap_graph


@pytest.fixture
def cells() -> AnnData:
    """60 cells in three groups of 20, five features; a few have a label."""
    rng = np.random.default_rng(0)
    group = np.repeat(["x", "y", "z"], 20)
    x = rng.normal(size=(60, 5)) + 8 * pd.factorize(group)[0][:, None]
    adata = AnnData(x.astype(np.float32), obs=pd.DataFrame({"group": group}, index=[f"c{i}" for i in range(60)]))
    adata.obs["some"] = pd.Categorical(np.where(np.arange(60) % 5 == 0, group, None))
    return adata


def equal(a: sparse.spmatrix, b: sparse.spmatrix) -> bool:
    return (a != b).nnz == 0


@pytest.mark.parametrize(("kind", "graph"), [("knn", knn_graph), ("umap", umap_graph)])
def test_it_is_built_once_kept_and_found_again(cells, kind, graph, tmp_path):
    built = build_similarity(cells, kind, n_neighbors=4)
    assert equal(built.graph, graph(cells.X, 4))
    assert equal(cells.obsp["moe_similarity"], built.graph)
    assert cells.uns["moe_similarity"] == {"kind": kind, "n_neighbors": 4, "seed": 0}
    cells.write_h5ad(tmp_path / "cells.h5ad")
    assert equal(get_similarity(read_h5ad(tmp_path / "cells.h5ad")).graph, built.graph)
    assert equal(get_similarity(cells[10:30]).graph, built.graph[10:30, 10:30])


def test_other_values_and_their_principal_components(cells):
    cells.layers["half"] = sparse.csr_matrix(cells.X / 2)
    cells.obsm["X_two"] = cells.X[:, :2]
    assert equal(build_similarity(cells, "threshold", threshold=1.0, layer="half").graph, threshold_graph(cells.X, 2.0))
    assert equal(build_similarity(cells, "knn", use_rep="X_two").graph, knn_graph(cells.X[:, :2]))
    wide = AnnData(np.hstack([cells.X, 1e-6 * np.random.default_rng(1).random((60, 100), np.float32)]))
    reduced = build_similarity(wide, "knn", n_components=5, n_neighbors=3)
    assert equal(reduced.graph, knn_graph(cells.X, 3))  # five directions hold all that there is
    assert equal(build_similarity(wide, "knn", n_components=None, n_neighbors=3).graph, knn_graph(wide.X, 3))


def test_a_graph_that_is_there(cells):
    cells.obsp["mine"] = sparse.csr_matrix(np.triu(np.full((60, 60), 0.5), 1))
    graph = build_similarity(cells, "mine", key_added="other").graph
    assert graph.nnz == 60 * 59
    assert set(cells.obsp) == {"mine", "other"}
    cells.obsp["mine"] *= 3
    with pytest.raises(ValueError, match="Distances are no similarities"):
        build_similarity(cells, "mine", key_added="third")
    assert "third" not in cells.obsp
    assert "third" not in cells.uns


def test_a_function(cells):
    same = build_similarity(cells, lambda x: np.exp(-np.abs(x[:, :1] - x[:, :1].T))).graph
    assert same.shape == (60, 60)
    assert cells.uns["moe_similarity"]["kind"] == "function"
    with pytest.raises(ValueError, match=r"shape \(60, 60\)"):
        build_similarity(cells, lambda x: np.eye(3))


def test_images_under_affine_maps():
    adata = images.to_anndata(np.random.default_rng(0).random((25, 6, 6)))
    built = build_similarity(adata, "affine", n_neighbors=4, seed=3)
    assert equal(built.graph, affine_graph(adata.X, (6, 6), 4, seed=3))


def test_labels_alone_and_beside_a_graph(cells, tmp_path):
    alone = build_similarity(cells, "labels", labels_key="some", n_neighbors=3)
    assert alone.labels.tolist() == [i // 20 if i % 5 == 0 else -1 for i in range(60)]
    batch = alone.batch(np.arange(60))
    assert batch.informative.sum() == 12 * 11
    assert batch.target.sum() == 3 * 4 * 3
    beside = build_similarity(cells, "knn", labels_key="some", n_neighbors=3)
    assert beside.batch(np.arange(60)).target.sum() > batch.target.sum()
    cells.write_h5ad(tmp_path / "cells.h5ad")
    again = get_similarity(read_h5ad(tmp_path / "cells.h5ad"))
    np.testing.assert_array_equal(again.labels, beside.labels)
    del cells.obs["some"]
    with pytest.raises(KeyError, match="no longer there"):
        get_similarity(cells)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"kind": "nn"}, ValueError, "no similarity 'nn'. Choose one of umap, knn"),
        ({"layer": "counts"}, KeyError, "layer='counts'"),
        ({"use_rep": "X_pca"}, KeyError, "use_rep='X_pca'"),
        ({"labels_key": "type"}, KeyError, "labels_key='type'"),
        ({"kind": "labels"}, ValueError, "needs labels_key"),
        ({"labels_key": "none"}, ValueError, "only missing values"),
        ({"kind": "threshold"}, ValueError, "give both or neither"),
        ({"threshold": 1.0}, ValueError, "give both or neither"),
        ({"kind": "threshold", "threshold": -1.0}, ValueError, "above 0"),
        ({"kind": "affine"}, ValueError, "compares images"),
        ({"n_neighbors": 0}, ValueError, "n_neighbors=0"),
    ],
)
def test_what_cannot_be_built_is_refused_and_nothing_is_written(cells, arguments, error, message):
    cells.obs["none"] = np.nan
    with pytest.raises(error, match=message):
        build_similarity(cells, **arguments)
    assert not cells.obsp
    assert not cells.uns


def test_nothing_was_built(cells):
    with pytest.raises(KeyError, match="no similarity 'moe_similarity'"):
        get_similarity(cells)
