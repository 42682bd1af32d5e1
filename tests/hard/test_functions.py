"""Functions on arrays and AnnData: bad input of every one, with one clear error, and nothing changed."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi import cytometry, datasets, images, metrics, pl, similarity

LABELS, TYPES, NONE = pd.Series(["a", "b", "a"]), pd.Series([0, 1]), pd.Series([None, None], dtype=object)
X, ROWS = np.random.default_rng(0).random((40, 3)), np.array([[0.5, 0.5], [1.0, 0.0]])
TWO = pd.Series(["a", "b"] * 20)
NAN = np.full((40, 3), np.nan)

of_labels = {
    f"{name}: {what}": (name, (labels, types), {}, ValueError, message)
    for name in (
        "clustering_scores",
        "match_clusters",
        "matched_accuracy",
        "weber_robinson_f1",
        "flowcap_f",
        "share_of_labels_found",
        "types_agree",
        "confusion",
    )
    for what, labels, types, message in (
        ("lengths", LABELS, TYPES, "one of each is needed for every cell"),
        ("no label", NONE, TYPES, "No cell has|have no label"),
        ("no cell", TYPES[:0], TYPES[:0], "No cell has a label"),
        ("shape", np.ones((2, 2)), np.ones(2), "one of each is needed"),
        ("nothing", None, TYPES, "one of each is needed"),
    )
}
METRICS = of_labels | {
    "linkage missing": ("accuracy_along_hierarchy", (LABELS, LABELS, None), {}, ValueError, "linkage must be"),
    "linkage of others": ("confusion", (LABELS, LABELS, np.ones((3, 4))), {}, ValueError, "linkage must be"),
    "runs of other cells": ("pairwise_ari", ([LABELS, TYPES],), {}, ValueError, "one of each"),
    "one type": ("silhouette", (X, ["a"] * 40, [2]), {}, ValueError, "at least two types"),
    "types of others": ("silhouette", (X, TYPES), {}, ValueError, "there are 2 types"),
    "NaN apart": ("silhouette", (NAN, TWO, [2]), {}, ValueError, "finite values"),
    "no components": ("silhouette", (X, TWO, []), {}, ValueError, "one or more numbers"),
    "too many components": ("silhouette", (X, TWO, [9]), {}, ValueError, "from 1 to the 3 components"),
    "states of others": ("state_recovery", (TWO, TWO, X, X[:9]), {}, ValueError, "finite ones of all 40 cells"),
    "NaN states": ("state_recovery", (TWO, TWO, NAN, X), {}, ValueError, "finite ones"),
    "copies of others": ("label_preservation", (X, X[:9], TWO), {}, ValueError, "shapes differ"),
    "NaN copies": ("label_preservation", (X, NAN, TWO), {}, ValueError, "finite values"),
    "one fold": ("label_preservation", (X, X, TWO), {"n_folds": 1}, ValueError, "at least 2"),
    "all held out": ("label_preservation", (X, X, TWO), {"test": np.ones(40, bool)}, ValueError, "some, but not all"),
    "others held out": ("label_preservation", (X, X, TWO), {"test": np.ones(4, bool)}, ValueError, "of the 40 cells"),
    "confidence above 1": ("expected_calibration_error", ([1.1], [True]), {}, ValueError, "between 0 and 1"),
    "confidence NaN": ("expected_calibration_error", ([np.nan], [True]), {}, ValueError, "between 0 and 1"),
    "confidence of others": ("reliability", ([0.1], [True, False]), {}, ValueError, "one of each is needed"),
    "no bins": ("reliability", ([0.5], [True], 0), {}, ValueError, "n_bins=0 must be a whole number"),
    "half a bin": ("reliability", ([0.5], [True], 1.5), {}, ValueError, "n_bins=1.5"),
    "type beyond": ("consensus_matrix", ([0, 5], [0, 1], 2), {}, ValueError, "a type from 0 to 1"),
    "type below": ("consensus_matrix", ([0, -1], [0, 1], 2), {}, ValueError, "a type from 0 to 1"),
    "types of other cells": ("consensus_matrix", ([0, 1, 1], [0, 1], 2), {}, ValueError, "the same cells"),
    "half a type": ("consensus_matrix", ([0.5, 1], [0, 1], 2), {}, ValueError, "a type from 0 to 1"),
    "one arm": ("arm_consensus", (np.zeros((1, 4), int), 2), {}, ValueError, "two or more arms"),
    "not square": ("most_confused", (np.ones((2, 3)),), {}, ValueError, "types × types"),
    "not square either": ("least_agreed", (np.ones((2, 3)), 0.9), {}, ValueError, "types × types"),
    "rows of 0.6": ("category_divergence", ([[0.5, 0.1]],), {}, ValueError, "rows that sum to 1"),
    "no rows": ("category_divergence", (np.zeros((0, 2)),), {}, ValueError, "cells × categories"),
    "NaN rows": ("posterior_log_ratio", ([[np.nan, 1]],), {}, ValueError, "rows that sum to 1"),
    "prior of 0": ("category_divergence", (ROWS, [1, 0]), {}, ValueError, "prior must be 2 probabilities"),
    "per what": ("average_maximum_posterior", (ROWS, "gene"), {}, ValueError, "'cell' or 'category'"),
    "expected of others": ("reconstruction_error", (X, X[:9]), {}, ValueError, "values have shape"),
    "error of what": ("reconstruction_error", (X, X, "absolute"), {}, ValueError, "'bernoulli' or 'squared'"),
    "pixels above 1": ("reconstruction_error", (2 + X, X), {}, ValueError, r"values in \[0, 1\]"),
    "NaN pixels": ("reconstruction_error", (NAN, X), {}, ValueError, "finite numbers"),
    "no pixels": ("reconstruction_error", (X[:0], X[:0]), {}, ValueError, "at least one"),
    "factors of others": ("disentanglement_score", (X, [1] * 3, TWO, X[:9]), {}, ValueError, "do not fit"),
    "NaN latents": ("disentanglement_score", (NAN, [1] * 3, TWO, X.round()), {}, ValueError, "finite"),
    "no votes": ("disentanglement_score", (X, [1] * 3, TWO, X.round()), {"n_votes": 0}, ValueError, "n_votes=0"),
    "one cell": ("gini_variance", ([1],), {}, ValueError, "Two cells are needed"),
    "other dimensions": ("mmd", (X, X[:, :2]), {}, ValueError, "the same dimensions"),
    "NaN sample": ("mmd", (NAN, X), {}, ValueError, "finite values"),
    "flat sample": ("mmd", (X[:, 0], X[:, 0]), {}, ValueError, "a row each"),
    "sample of one": ("mmd", (X[:1], X), {}, ValueError, "too small"),
    "bandwidth": ("mmd", (X, X), {"bandwidth": -1}, ValueError, "bandwidth=-1 must be above 0"),
    "clusters of others": ("cluster_mmd", (X, ["a"] * 9), {}, ValueError, "types of 9"),
    "small cluster": ("cluster_mmd", (X[:3], ["a"] * 3), {}, ValueError, "four are needed"),
    "no samples": ("cluster_mmd", (X, ["a"] * 40), {"n_samples": 0}, ValueError, "n_samples=0"),
    "distance of one": ("median_distance", (X[:1],), {}, ValueError, "two or more samples"),
    "judged of others": ("generation_accuracy", (LABELS, TYPES, [1] * 3), {}, ValueError, "same length"),
    "posterior of 2": ("generation_accuracy", (LABELS, LABELS, [2] * 3), {}, ValueError, r"in \[0, 1\]"),
}


@pytest.mark.parametrize(("name", "arguments", "named", "error", "message"), METRICS.values(), ids=METRICS)
def test_metrics(name, arguments, named, error, message):
    with pytest.raises(error, match=message):
        getattr(metrics, name)(*arguments, **named)


FLOATS, SHAPED = AnnData(np.random.default_rng(0).random((5, 5))), np.ones((2, 12))
DATA = {
    "no types": (datasets.simulate_types_and_states, ([],), ValueError, "type_sizes must give"),
    "an empty type": (datasets.simulate_types_and_states, ([0, 3],), ValueError, "type_sizes must give"),
    "half a cell": (datasets.simulate_types_and_states, ([1.5, 3],), ValueError, "type_sizes must give"),
    "a number": (datasets.simulate_types_and_states, (3,), ValueError, "type_sizes must give"),
    "no genes": (datasets.simulate_types_and_states, ([3, 3], 0), ValueError, "n_genes=0"),
    "half a gene": (datasets.simulate_types_and_states, ([3, 3], 1.5), ValueError, "n_genes=1.5"),
    "no batch": (datasets.simulate_types_and_states, ([3, 3], 9, 0), ValueError, "n_batches=0"),
    "sizes": (datasets.unbalanced_sizes, (0, 10, 2), ValueError, "n_types=0"),
    "sizes of a few": (datasets.unbalanced_sizes, (5, 2, 2), ValueError, "too few for 5 types"),
    "sizes by NaN": (datasets.unbalanced_sizes, (2, 10, np.nan), ValueError, "imbalance=nan"),
    "sizes by word": (datasets.unbalanced_sizes, ("a", 10, 2), TypeError, "n_types must be a number"),
    "array": (datasets.estimate_parameters, (X,), TypeError, "must be an AnnData object, not ndarray"),
    "no counts": (datasets.estimate_parameters, (FLOATS,), ValueError, "The values are not counts"),
    "no layer": (datasets.estimate_parameters, (FLOATS, "counts"), KeyError, "is not in adata.layers"),
    "zeros": (datasets.estimate_parameters, (AnnData(np.zeros((5, 5))),), ValueError, "nothing to estimate from"),
    "data set": (datasets.load, ("nope",), ValueError, "There is no data set 'nope'. Choose one of"),
    "no file": (datasets.read_fcs, ("nowhere.fcs",), FileNotFoundError, "There is no file nowhere.fcs"),
    "sprites": (datasets.dsprites_rendered, (0,), ValueError, "n_images=0"),
    "half a sprite": (datasets.dsprites_rendered, (1.5,), ValueError, "n_images=1.5"),
    "too many sprites": (datasets.dsprites_rendered, (10**6,), ValueError, "from 1 to 737,280"),
    "sprite beyond": (datasets.sprite_factors, ([10**9],), ValueError, "out of bounds"),
    "factors": (datasets.render_sprites, (np.zeros((2, 3), int),), ValueError, r"shape \(n, 5\)"),
    "factor beyond": (datasets.render_sprites, ([[0, 9, 0, 0, 0]],), ValueError, "and below"),
    "arcsinh of array": (cytometry.arcsinh, (X,), TypeError, "must be an AnnData object"),
    "arcsinh of nothing": (cytometry.arcsinh, (AnnData(obs=pd.DataFrame(index=["a"])),), ValueError, "X is empty"),
    "cofactor": (cytometry.arcsinh, (FLOATS, 0), ValueError, "cofactor=0 must be above 0"),
    "cofactor NaN": (cytometry.arcsinh, (FLOATS, np.nan), ValueError, "cofactor=nan"),
    "cofactor word": (cytometry.arcsinh, (FLOATS, "5"), TypeError, "cofactor must be a number"),
    "arcsinh of layer": (cytometry.arcsinh, (FLOATS, 5, "raw"), KeyError, "is not in adata.layers"),
    "no classes": (cytometry.select_markers, (FLOATS,), KeyError, "Write 'type', 'state' or 'none'"),
    "no markers": (cytometry.select_markers, (X,), TypeError, "must be an AnnData object"),
    "flat images": (images.to_anndata, (X,), ValueError, r"shape \(n, h, w\)"),
    "images of words": (images.to_anndata, (np.full((2, 2, 2), "a"),), TypeError, "not numbers"),
    "no images": (images.to_anndata, (np.ones((0, 2, 2)),), ValueError, "all above 0"),
    "labels of others": (images.to_anndata, (np.ones((2, 2, 2)), ["a"]), ValueError, "1 labels for 2 images"),
    "scale": (images.to_anndata, (np.ones((2, 2, 2)), None, 0), ValueError, "scale=0 must be above 0"),
    "scale word": (images.to_anndata, (np.ones((2, 2, 2)), None, "a"), TypeError, "scale must be a number"),
    "no shape": (images.to_images, (SHAPED,), ValueError, "pass image_shape"),
    "other shape": (images.to_images, (SHAPED, (5, 5)), ValueError, "do not have 12 pixels"),
    "negative shape": (images.to_images, (SHAPED, (-3, -4)), ValueError, "whole numbers above 0"),
    "broken shape": (images.to_images, (SHAPED, (1.5, 8)), ValueError, "whole numbers above 0"),
    "a number as shape": (images.to_images, (SHAPED, 12), ValueError, "whole numbers above 0"),
    "shape of array": (images.shape_of_images, (X,), TypeError, "must be an AnnData object"),
    "no neighbours": (similarity.knn_graph, (X, 0), ValueError, "n_neighbors=0"),
    "neighbours of NaN": (similarity.knn_graph, (NAN, 3), ValueError, "Values must be finite"),
    "neighbours on a line": (similarity.knn_graph, (X[:, 0], 3), ValueError, "cells × features"),
    "half a neighbour": (similarity.umap_graph, (X, 1.5), ValueError, "n_neighbors=1.5"),
    "threshold": (similarity.threshold_graph, (X, -1), ValueError, "threshold=-1 must be above 0"),
    "threshold NaN": (similarity.threshold_graph, (X, np.nan), ValueError, "threshold=nan"),
    "small threshold": (similarity.threshold_graph, (X, 1e-12), ValueError, "Choose a larger one"),
    "not images": (similarity.affine_graph, (X, (5, 5)), ValueError, "images of 3 pixels"),
    "no similarity": (similarity.get_similarity, (FLOATS,), KeyError, "Call mixvi.similarity.build_similarity"),
    "similarity of array": (similarity.get_similarity, (X,), TypeError, "must be an AnnData object"),
}


@pytest.mark.parametrize(("function", "arguments", "error", "message"), DATA.values(), ids=DATA)
def test_data(function, arguments, error, message):
    before = np.array(FLOATS.X)
    with pytest.raises(error, match=message):
        function(*arguments)
    assert not FLOATS.layers
    np.testing.assert_array_equal(FLOATS.X, before)


SIMILARITIES = {
    "unknown": ({"kind": "cosine"}, ValueError, "There is no similarity 'cosine'"),
    "several": ({"kind": ["knn"]}, TypeError, "kind must be a name, not list"),
    "labels": ({"labels_key": "nope"}, KeyError, "labels_key='nope' is not in adata.obs"),
    "layer": ({"layer": "nope"}, KeyError, "layer='nope' is not in adata.layers"),
    "representation": ({"use_rep": "nope"}, KeyError, "use_rep='nope' is not in adata.obsm"),
    "neighbours": ({"kind": "knn", "n_neighbors": 0}, ValueError, "n_neighbors=0"),
    "word": ({"kind": "knn", "n_neighbors": "a"}, TypeError, "n_neighbors must be a number"),
    "components": ({"kind": "knn", "n_components": 0}, ValueError, "n_components=0"),
    "no threshold": ({"kind": "threshold"}, ValueError, "give both or neither"),
    "NaN threshold": ({"kind": "threshold", "threshold": np.nan}, ValueError, "threshold=nan"),
    "NaN": ({"kind": "knn", "use_rep": "bad"}, ValueError, "Values must be finite"),
    "no images": ({"kind": "affine"}, ValueError, "compares images"),
    "key": ({"kind": "knn", "key_added": 3}, TypeError, "key_added must be a name"),
    "shape": ({"kind": lambda x: np.ones((3, 3))}, ValueError, r"must have shape \(50, 50\)"),
    "distances": ({"kind": lambda x: 9 * np.ones((50, 50))}, ValueError, "Distances are no similarities"),
    "no values": ({"kind": lambda x: np.full((50, 50), np.nan)}, ValueError, r"must be in \[0, 1\]"),
    "nothing": ({"kind": lambda x: None}, TypeError, "must be a sparse matrix or an array"),
}


@pytest.mark.parametrize(("arguments", "error", "message"), SIMILARITIES.values(), ids=SIMILARITIES)
def test_similarities(arguments, error, message, cells, unchanged):
    cells.obsm["bad"] = np.full((50, 3), np.nan)
    watch = unchanged(cells)
    with pytest.raises(error, match=message):
        similarity.build_similarity(cells, **arguments)
    watch.check()


PLOTS = {
    "types": (pl.types, (), KeyError, "Call model.get_cell_types"),
    "embedding": (pl.types, ("type", "type"), KeyError, "Compute an embedding first"),
    "augmentation": (pl.augmentation, (), KeyError, "Call model.augment"),
    "traversal": (pl.traversal, (["0"], {"a": ["gene0"]}), KeyError, "Call model.traverse_state"),
    "confusion": (pl.confusion, ("type",), KeyError, "'cpl_type' is not a column"),
    "linkage": (pl.confusion, ("type", "type", np.ones((2, 4))), ValueError, "linkage must be"),
    "hierarchy": (pl.hierarchy_accuracy, ("type", "class"), KeyError, "sc.tl.dendrogram"),
    "silhouettes": (pl.silhouettes, ("type", "batch", "X_nope"), KeyError, "sc.pp.pca"),
    "composition": (pl.composition, ("type", "nope"), KeyError, "'nope' is not a column"),
    "calibration": (pl.calibration, ("type",), KeyError, "Call model.get_cell_types"),
    "consensus": (pl.consensus, (), KeyError, "Call model.prune_categories"),
    "arm consensus": (pl.arm_consensus, (), KeyError, "Call model.get_arm_consensus"),
    "image traversal": (pl.image_traversal, (), KeyError, "Call model.traverse_state"),
    "image grid": (pl.image_grid, ("type",), ValueError, "adata has no images"),
}


@pytest.mark.parametrize(("plot", "arguments", "error", "message"), PLOTS.values(), ids=PLOTS)
def test_plots(plot, arguments, error, message, cells, unchanged):
    watch = unchanged(cells)
    with pytest.raises(error, match=message):
        plot(cells, *arguments)
    watch.check()


@pytest.mark.parametrize("history", [FLOATS, [1.0], "elbo_train"], ids=["cells", "list", "name"])
def test_training_curves(history):
    with pytest.raises(TypeError, match="must be model.history"):
        pl.training(history)
