from collections.abc import Callable

import anndata as ad
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states
from mixvi.train import superfluous

QUIET = {"enable_progress_bar": False}


def in_pieces() -> CplMixVI:
    """A model of three types that was held to twelve: every type was cut into four along its state."""
    adata = simulate_types_and_states([150, 100, 80], n_genes=100)
    piece = np.digitize(adata.obs["state"], [-0.7, 0, 0.7]).astype(str)
    adata.obs["pieces"] = adata.obs["type"].astype(str).to_numpy() + piece
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=12)
    model.train(max_epochs=12, start="pieces", plan_kwargs={"start_share": 1.0}, **QUIET)
    return model


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> tuple:
    """Folder of such a model, which takes seconds to train, and its cells."""
    folder, model = tmp_path_factory.mktemp("over_split") / "model", in_pieces()
    model.save(folder)
    return folder, model.adata


@pytest.fixture
def over_split(saved) -> Callable[[], CplMixVI]:
    """Loads the model, with cells of its own."""
    folder, adata = saved
    return lambda: CplMixVI.load(folder, adata.copy())


class Interrupted(CplMixVI._training_plan_cls):
    """A training plan that the user interrupts in its first epoch."""

    def on_train_epoch_end(self):
        raise KeyboardInterrupt


def fingerprint(model) -> tuple:
    return (
        model.get_type_probabilities().to_numpy().tobytes(),
        model.module.n_categories,
        model.type_order_.tolist(),
        model.n_trainings_,
        model.temperature_,
        model.init_params_["non_kwargs"]["n_categories"],
        None if model.pruning_ is None else model.pruning_.to_csv(),
    )


@pytest.mark.parametrize("by_gaps", [True, False])
def test_planted_over_clustering_is_pruned(by_gaps, over_split, tmp_path):
    model = over_split()
    assert len(model.type_names) > 6
    curve = model.prune_categories(by_gaps=by_gaps, **QUIET)
    adata = model.adata
    found = adjusted_rand_score(adata.obs["type"], model.get_cell_types())
    n_types = len(model.type_names)
    if by_gaps:
        assert found >= 0.95
        assert n_types == 3
    else:  # consensus alone may keep both halves of a type that all arms cut in the same place
        assert found >= 0.7
        assert 3 <= n_types <= 4
    assert n_types == model.module.n_categories
    assert curve["n_types"].is_monotonic_decreasing
    assert curve["n_types"].diff()[1:].to_list() == (-curve["n_given_up"])[:-1].to_list()
    assert curve["n_given_up"].iloc[-1] == 0
    assert curve["min"].iloc[-1] >= 0.95 > curve["min"].iloc[0]
    assert f"{n_types} types" in str(model._model_summary_string)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    read = ad.read_h5ad(tmp_path / "cells.h5ad")
    assert np.allclose(read.uns["cpl_pruning"]["curve"], curve)
    assert read.uns["cpl_consensus"].shape == (n_types, n_types)


def test_pruning_in_train(over_split):
    """Twelve categories are an upper bound: the three types are left at the end, found in one training."""
    model = CplMixVI(over_split().adata, n_categories=12)
    model.train(prune=True, **QUIET)
    assert len(model.type_names) == model.module.n_categories == 3
    assert adjusted_rand_score(model.adata.obs["type"], model.get_cell_types()) >= 0.95
    assert model.n_trainings_ == 1
    curve = model.pruning_
    assert curve["n_types"].iloc[0] > 6
    assert curve["n_given_up"].iloc[-1] == 0
    assert model.adata.uns["cpl_pruning"]["curve"].equals(curve)
    assert model.adata.uns["cpl_consensus"].shape == (3, 3)
    assert model.init_params_["non_kwargs"]["n_categories"] == 3
    before = model.get_type_probabilities()
    model.prune_categories(**QUIET)  # nothing is left to be given up
    np.testing.assert_allclose(model.get_type_probabilities(), before, atol=1e-5)
    assert model.n_trainings_ == 1


def test_types_of_a_training_that_fails_after_pruning_come_back(over_split):
    model = over_split()
    before = fingerprint(model)

    class Late(CplMixVI._training_plan_cls):
        def on_train_epoch_end(self):
            if self.module.n_categories < before[1]:
                raise FloatingPointError("late")

    model._training_plan_cls = Late
    with pytest.raises(FloatingPointError, match="late"):
        model.train(prune=True, **QUIET)
    assert fingerprint(model) == before


def test_interrupted_pruning_goes_on_where_it_was(over_split, tmp_path, monkeypatch):
    """The second round is interrupted; the model is saved, loaded and pruned to the same end."""
    monkeypatch.setattr("mixvi.model.mixins.pruning.superfluous", lambda *args: superfluous(*args)[:1])  # one a round
    whole = over_split()
    whole.prune_categories(min_consensus=0.99, **QUIET)
    assert len(whole.pruning_) > 2

    model, train = over_split(), CplMixVI.train
    rounds, between = [], []

    def interrupted_in_the_second(**kwargs):
        rounds.append(1)
        if len(rounds) == 2:
            model._training_plan_cls = Interrupted
        train(model, **kwargs)
        between.append(fingerprint(model))

    model.train = interrupted_in_the_second
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        model.prune_categories(min_consensus=0.99, **QUIET)
    assert fingerprint(model) == between[-1]
    assert len(model.adata.uns["cpl_pruning"]["curve"]) == len(model.pruning_) == 1
    del model.train
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", model.adata)
    loaded.prune_categories(min_consensus=0.99, **QUIET)
    assert fingerprint(loaded) == fingerprint(whole)


def test_a_round_that_fails_leaves_the_model_as_it_was(over_split):
    model = over_split()
    before = fingerprint(model)
    with pytest.raises(FloatingPointError):
        model.prune_categories(**QUIET, plan_kwargs={"lr": 1e6})
    assert fingerprint(model) == before


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_types_that_are_given_up_never_come_back(seed, min_consensus):
    """A model that was hardly trained, so that its types are confused at random; rounds train for one epoch."""
    adata = simulate_types_and_states([60, 40, 20], n_genes=60)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=9, seed=seed)
    model.train(max_epochs=1, start="random", **QUIET)
    seen = [model.module.n_categories]
    train = model.train

    def count(**kwargs):
        seen.append(model.module.n_categories)
        assert float(model.module.shares.sum()) == pytest.approx(1)
        train(**kwargs | {"max_epochs": 1})

    model.train = count
    model.prune_categories(min_consensus, by_gaps=False, **QUIET)
    seen.append(model.module.n_categories)
    assert seen == sorted(seen, reverse=True)
    assert model.module.n_categories >= 1
    probability, types = model.get_type_probabilities(), model.get_cell_types()
    assert probability.shape[1] == len(model.type_names) == model.module.n_categories
    np.testing.assert_allclose(probability.sum(1), 1, rtol=1e-5)
    sizes = types.value_counts().reindex(model.type_names)
    assert sizes.is_monotonic_decreasing
    assert sizes.min() > 0


def test_bad_input(small, trained):
    CplMixVI.setup_anndata(small)
    with pytest.raises(RuntimeError, match=r"train\(\) first"):
        CplMixVI(small, n_categories=3).prune_categories()
    with pytest.raises(ValueError, match=r"min_consensus=1.5 must be between 0 and 1"):
        trained.prune_categories(min_consensus=1.5)
    with pytest.raises(ValueError, match="batch_size=0"):
        trained.prune_categories(batch_size=0)
