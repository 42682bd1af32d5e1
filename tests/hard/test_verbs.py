"""Verbs of models: arguments out of range, cells that do not fit, and verbs in the wrong order."""

import numpy as np
import pytest
from anndata import AnnData
from mudata import MuData

from mixvi import CplMixVI, JointVI, MoESimVI

TEXT, RANGE = (TypeError, "must be a"), (ValueError, "must be a whole number, at least")
BATCH_SIZE = {"batch_size": [(0, *RANGE), (-1, *RANGE), (1.5, *RANGE), ("a", *TEXT)]}
INDICES = {
    "indices": [
        ([50], IndexError, "from 50 to 50, but there are 50 cells"),
        ([-51], IndexError, "from -51"),
        ([1.5], TypeError, "positions of cells"),
        ("a", TypeError, "positions of cells"),
        ([], ValueError, "names no cell"),
        ([True] * 3, IndexError, "3 booleans, but there are 50 cells"),
    ]
}
NO_ARM = (ValueError, "does not exist")
ARM = {"arm": [(-1, *NO_ARM), (2, *NO_ARM), (1.0, *NO_ARM), ("0", *TEXT), (None, *TEXT)]}
GROUPBY = {"groupby": [("nope", KeyError, "is not a column"), (["type"], KeyError, "is not a column")]}
LIBRARY = {"library_size": [(n, ValueError, "above 0, and finite") for n in (0, -1, np.nan, np.inf)] + [("a", *TEXT)]}
KEY = {"key_added": [(3, *TEXT), (["a"], *TEXT)]}
BETWEEN = (ValueError, "must be between 0 and 1")
SHARE = [(2, *BETWEEN), (-0.1, *BETWEEN), (np.nan, *BETWEEN), ("a", *TEXT)]
BAD = {
    "get_cell_types": BATCH_SIZE | KEY | {"min_confidence": SHARE},
    "get_type_probabilities": BATCH_SIZE | KEY,
    "get_states": BATCH_SIZE | KEY | ARM,
    "get_state_divergences": BATCH_SIZE | {"arm": [(9, *NO_ARM)]},
    "get_latent_representation": BATCH_SIZE | INDICES,
    "get_elbo": BATCH_SIZE | INDICES | {"nope": [(3, TypeError, "nope")]},
    "get_reconstruction_error": BATCH_SIZE | INDICES,
    "get_arm_consensus": BATCH_SIZE,
    "get_normalized_expression": BATCH_SIZE
    | INDICES
    | LIBRARY
    | {
        "n_samples": [(0, *RANGE), (1.5, *RANGE), ("a", *TEXT)],
        "transform_batch": [("x", ValueError, "has not seen a batch 'x'. It knows 0, 1")],
        "gene_list": [(["nope"], KeyError, "does not have nope"), ([], ValueError, "No gene is named")],
    },
    "traverse_state": ARM
    | GROUPBY
    | LIBRARY
    | {
        "dim": [(2, *NO_ARM), (-1, *NO_ARM), (0.0, *NO_ARM), ("0", *TEXT)],
        "n_steps": [(2, *RANGE), (3.5, *RANGE), ("11", *TEXT)],
        "n_cells": [(0, *RANGE), (1.5, *RANGE)],
        "genes": [(["nope"], KeyError, "does not have nope"), ([], ValueError, "No gene"), (3, KeyError, "have 3")],
    },
    "rank_state_genes": GROUPBY | ARM | {"n_permutations": [(0, *RANGE), (1.5, *RANGE), ("a", *TEXT)]},
    "differential_expression": GROUPBY
    | {
        "mode": [("both", ValueError, "one of type, state"), (["type"], ValueError, "one of type, state")],
        "method": [("t-test", ValueError, "one of change, vanilla")],
        "group1": [
            ("9", ValueError, "Group '9' has 0 cells"),
            (3, ValueError, "Group 3"),
            ([], ValueError, "must name"),
        ],
        "group2": [("9", ValueError, "Group '9' has 0 cells"), (3, *TEXT)],
        "delta": [(-1, ValueError, "between 0"), (np.nan, ValueError, "between 0"), ("a", *TEXT)],
        "fdr_target": SHARE,
        "dim": [(9, *NO_ARM)],
    },
    "augment": INDICES | {"n_samples": [(0, *RANGE), (1.5, *RANGE)]},
    "prune_categories": BATCH_SIZE | {"min_consensus": SHARE},
    "train_augmenter": {"max_epochs": [(1, ValueError, "Only augmenter='vaegan' is trained")]},
}
CASES = [
    (verb, name, value, *expected)
    for verb, arguments in BAD.items()
    for name, values in arguments.items()
    for value, *expected in values
]


@pytest.mark.parametrize(("verb", "name", "value", "error", "message"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_arguments(verb, name, value, error, message, model, unchanged):
    watch = unchanged(model.adata)
    with pytest.raises(error, match=message):
        getattr(model, verb)(**{name: value})
    watch.check()


VERBS = [verb for verb in BAD if verb not in ("prune_categories", "train_augmenter")]


def change(make):
    def changed(adata):
        make(adata)
        return adata

    return changed


UNFIT = {
    "array": (lambda adata: adata.X.toarray(), TypeError, "must be an AnnData object, not ndarray"),
    "path": (lambda adata: "cells.h5ad", TypeError, "must be an AnnData object, not str"),
    "modalities": (lambda adata: MuData({"rna": adata}), TypeError, "must be an AnnData object, not MuData"),
    "no cells": (lambda adata: adata[:0].copy(), ValueError, "adata has no cells"),
    "few genes": (lambda adata: adata[:, :3].copy(), ValueError, "37 of the model's 40 genes are missing"),
    "no layer": (change(lambda adata: adata.layers.pop("counts")), KeyError, "'counts' is not in adata.layers"),
    "no batch": (lambda adata: change(lambda a: a.obs.pop("batch"))(adata), KeyError, "'batch' is not a column"),
    "no covariate": (change(lambda adata: adata.obs.pop("age")), KeyError, "'age' is not a column"),
    "NaN": (
        change(lambda adata: adata.layers.update(counts=np.full(adata.shape, np.nan))),
        ValueError,
        "NaN or infinite values",
    ),
    "values": (
        change(lambda adata: adata.layers.update(counts=np.log1p(adata.X.toarray()))),
        ValueError,
        "not whole numbers",
    ),
    "same names": (
        change(lambda adata: setattr(adata, "obs_names", ["a"] * adata.n_obs)),
        ValueError,
        "obs_names_make_unique",
    ),
}


@pytest.mark.parametrize(("make", "error", "message"), UNFIT.values(), ids=UNFIT)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.filterwarnings("ignore")
def test_cells_that_do_not_fit(verb, make, error, message, model, cells, unchanged):
    given = make(cells)
    watches = [unchanged(adata) for adata in (model.adata, given) if isinstance(adata, AnnData)]
    with pytest.raises(error, match=message):
        getattr(model, verb)(given)
    for watch in watches:
        watch.check()


@pytest.mark.parametrize("cls", [CplMixVI, MoESimVI, JointVI])
def test_untrained(cls, cells, unchanged):
    cls.setup_anndata(cells)
    model = cls(cells, n_categories=2)
    watch = unchanged(cells)
    arguments = {"generate": ("0", 3)}
    for verb in (*VERBS, "prune_categories", "generate", "impute"):
        if hasattr(cls, verb) and (cls is CplMixVI or verb != "get_normalized_expression"):
            with pytest.raises(RuntimeError, match=r"train\(\) first"):
                getattr(model, verb)(*arguments.get(verb, ()))
    watch.check()


QUICK = {CplMixVI: {"start": "random"}, MoESimVI: {"start": "random", "similarity": "knn"}}
GENERATE = {
    "type": (("9", 3), {}, ValueError, "category='9' is not a type"),
    "none": (("0", 0), {}, *RANGE),
    "half": (("0", 1.5), {}, *RANGE),
    "word": (("0", "a"), {}, *TEXT),
    "seed": (("0", 1), {"seed": -1}, *RANGE),
}


@pytest.mark.parametrize("cls", [MoESimVI, JointVI])
def test_generate(cls, cells):
    cls.setup_anndata(cells)
    model = cls(cells, n_categories=2)
    model.train(max_epochs=1, enable_progress_bar=False, **QUICK.get(cls, {}))
    for arguments, named, error, message in GENERATE.values():
        with pytest.raises(error, match=message):
            model.generate(*arguments, **named)


REFUSED = (ValueError, "whole number, at least 1")
TRAIN = {
    "max_epochs": [(1.5, *REFUSED), ("3", *TEXT), (np.nan, *REFUSED), (True, *REFUSED), (-1, *REFUSED)],
    "batch_size": [(1.5, *REFUSED), ("a", *TEXT), (0, *REFUSED)],
    "train_size": [
        (np.nan, ValueError, "must be above 0"),
        (-0.1, ValueError, "must be above 0"),
        (1.1, ValueError, "at most 1"),
        (1e-9, ValueError, "leaves 0 of 50 cells to train on; at least 10"),
        ("a", *TEXT),
    ],
    "plan_kwargs": [
        ("lr", TypeError, "must be a dictionary"),
        ({"nope": 1}, TypeError, "has no argument 'nope'"),
        ({"lr": "a"}, *TEXT),
        ({"lr": -1}, ValueError, "lr=-1 must be above 0"),
        ({"lr": np.nan}, ValueError, "lr=nan must be above 0"),
    ],
    "start": [(3, KeyError, "start=3 is neither"), (["auto"], KeyError, "is neither")],
    "accelerator": [("abacus", ValueError, "invalid accelerator name")],
    "epochs": [(3, TypeError, "epochs")],
}
TRAININGS = [(name, *case) for name, cases in TRAIN.items() for case in cases]


@pytest.mark.parametrize("cls", [CplMixVI, MoESimVI, JointVI])
def test_training(cls, cells, unchanged):
    cls.setup_anndata(cells)
    model = cls(cells, n_categories=2)
    watch = unchanged(cells)
    for name, value, error, message in TRAININGS:
        if cls is CplMixVI or name not in ("start", "accelerator", "epochs"):
            with pytest.raises(error, match=message):
                model.train(**{"max_epochs": 1, "enable_progress_bar": False} | QUICK.get(cls, {}) | {name: value})
    assert not model.is_trained_
    watch.check()


CHANGES = {
    "fewer genes": (lambda adata: adata._inplace_subset_var(np.arange(30)), "has other genes than the model"),
    "other order": (lambda adata: adata._inplace_subset_var(np.arange(40)[::-1]), "or another order"),
    "other names": (lambda adata: setattr(adata, "var_names", [f"g{i}" for i in range(40)]), "has other genes"),
    "NaN": (lambda adata: adata.layers.update(counts=np.full(adata.shape, np.nan)), "were changed .* NaN"),
    "logarithms": (lambda adata: adata.layers.update(counts=np.log1p(adata.X.toarray())), "were changed .* whole"),
    "negative": (lambda adata: adata.layers.update(counts=-adata.X.toarray()), "were changed .* smallest value"),
    "no layer": (lambda adata: adata.layers.pop("counts"), "is no longer there"),
    "no batches": (lambda adata: adata.obs.pop("_scvi_batch"), "_scvi_batch is not a valid column"),
}


@pytest.mark.parametrize(("apply", "message"), CHANGES.values(), ids=CHANGES)
def test_cells_that_were_changed_between_calls(apply, message, fresh, cells, unchanged):
    expected = fresh.get_cell_types(cells).to_list()
    apply(fresh.adata)
    watch = unchanged(fresh.adata)
    verbs = [getattr(fresh, verb) for verb in VERBS if verb != "train_augmenter"]
    for verb in (*verbs, fresh.prune_categories, lambda: fresh.train(max_epochs=1)):
        with pytest.raises(ValueError, match=message):
            verb()
    watch.check()
    assert fresh.get_cell_types(cells).to_list() == expected


def test_cells_that_were_filtered_or_annotated_are_still_typed(fresh):
    expected = fresh.get_cell_types().to_list()
    fresh.adata.obs["more"] = 1
    fresh.adata.obs.pop("batch")
    fresh.adata._inplace_subset_obs(np.arange(30))
    assert fresh.get_cell_types().to_list() == expected[:30]


def test_a_query_of_a_reference_that_does_not_fit(model, cells, unchanged):
    watch = unchanged(cells)
    with pytest.raises(ValueError, match="are known to the reference"):
        CplMixVI.load_query_data(cells, model)
    with pytest.raises(ValueError, match="There is no model file"):
        CplMixVI.load_query_data(cells, "nowhere")
    watch.check()
