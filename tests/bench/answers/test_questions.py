"""Each question on cells so few that it is quick: what it measures is right where it is known."""

import json

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from mixvi import datasets
from mixvi.bench.answers import activity, interferon, modalities
from mixvi.bench.answers.running import QUESTIONS
from mixvi.bench.answers.simulated import Planted, majority
from mixvi.datasets import simulate_types_and_states


@pytest.fixture
def few(monkeypatch) -> None:
    """Three types, 200 cells that are far from each other, in place of the simulated cells."""
    planted = {"few": Planted(3, 600, 80, 1, {"responding": 0.5, "state_effect": 1.0})}
    for module in ("genes", "calibration", "pruning", "new_cells", "simulated"):
        monkeypatch.setattr(f"mixvi.bench.answers.{module}.PLANTED", planted)


@pytest.mark.parametrize("name", ["genes", "calibration", "new_cells"])
def test_goals_are_within_reach_of_easy_cells(few, name):
    question = QUESTIONS[name]
    answer = question.run("few", 0, True)
    for goal in question.goals:
        bound = goal.bound - 0.15 if goal.at_least else goal.bound + 0.05  # trainings are short
        assert (answer.measures[goal.measure] >= bound) == goal.at_least
    json.dumps(answer.details)


def test_pruning_counts_types(few):
    answer = QUESTIONS["pruning"].run("few from 2K", 0, True)
    assert answer.measures["true types"] == 3
    assert answer.measures["off by"] == pytest.approx(abs(answer.measures["types"] - 3) / 3)


def test_ranks_by_type():
    ranks = pd.DataFrame(
        {"type": ["0"] * 3 + ["1"] * 2, "gene": ["MX1", "x", "CD14", "x", "ISG15"], "n_cells": [4] * 3 + [2] * 2}
    ).assign(fdr=[0.01, 0.2, 0.3, 0.01, 0.02])
    obs = pd.DataFrame({"cpl_type": list("000011"), "condition": ["stimulated", "control"] * 2 + ["control"] * 2})
    obs["label"] = ["T", "T", "T", "B", "B", "B"]
    first, second = interferon.ranks_by_type(ranks, obs, "label")
    assert first == {
        "type": "0",
        "cells": 4,
        "mostly": "T",
        "stimulated": 0.5,
        "both": True,
        "ranks": {"MX1": 1, "CD14": 3},
        "reported": 1,
    }
    assert (second["both"], second["ranks"], second["reported"]) == (False, {"ISG15": 2}, 2)


def test_interferon_genes_of_simulated_cells(monkeypatch):
    """Activity genes are named after interferon genes, and the condition after the state."""
    adata = simulate_types_and_states([200, 150], n_genes=90, state_effect=1.0)
    names, kinds = adata.var_names.to_numpy(copy=True), adata.var["kind"]
    for kind, new in (("activity", interferon.RESPONSE), ("other", interferon.MARKERS)):
        names[np.flatnonzero(kinds == kind)[: len(new)]] = new
    adata.var_names = names
    adata.obs["condition"] = np.where(adata.obs["state"] > 0, "stimulated", "control")
    adata.obs["cell_type"] = adata.obs["type"]
    monkeypatch.setattr(datasets, "load", lambda name: adata)
    answer = interferon.rank_interferon_genes("kang2018", 0, True)
    assert answer.measures["types of both conditions"] == len(answer.details["rows"]) >= 2
    assert answer.measures["median rank, interferon genes"] < 20 < answer.measures["median rank, markers"]
    assert "| ISG15 |" in QUESTIONS["interferon"].show({0: json.loads(json.dumps(answer.details))})


def test_panels_tell_types():
    names = [gene for panel in activity.PANELS.values() for gene in panel]
    counts = np.zeros((4, len(names)), np.float32)
    counts[:2, names.index("Slc17a7")], counts[2:, names.index("Plp1")] = 5, 5
    counts[:, names.index("Gad1")] = 1
    counts[1, names.index("Plp1")] = 4  # a neuron with transcripts of an oligodendrocyte, in a type of neurons
    adata = AnnData(counts, var=pd.DataFrame(index=names))
    levels = activity.panel_levels(adata)
    assert levels.loc["0", "excitatory"] == pytest.approx(np.log1p(1e4 * 5 / 6))
    assert (levels[list(activity.PREFIXES)] == 0).all(axis=None)
    types = pd.Series(list("aabb"), dtype="category")
    assert activity.of_excitatory_types(types, levels).tolist() == [True, True, False, False]


def test_modalities_of_simulated_cells():
    """Two of six types look alike in either modality, so that one alone cannot tell much more than five sixths."""
    measures = modalities.type_by_modalities(modalities.SIMULATED, 0, True).measures
    assert measures["accuracy"] > 0.6
    assert all(measures[f"new cells, {name} alone"] < 0.97 for name in ("rna", "ephys"))


def test_majority():
    groups = pd.Series([0, 0, 0, 1])
    assert majority(groups, pd.Series(["a", "b", "b", "a"])).to_dict() == {"0": "b", "1": "a"}
