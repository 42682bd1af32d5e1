import json

import numpy as np
import pytest
import torch

from mixvi import datasets
from mixvi.bench.augment import copy_distances, run_augment
from mixvi.datasets import load


def test_distances_by_hand():
    cells = torch.tensor([[0.0, 0.0], [0.0, 4.0], [3.0, 0.0]])
    measured = copy_distances(cells, cells + torch.tensor([0.0, 1.0]), cells - torch.tensor([0.0, 1.0]))
    assert measured == {"copy_cell": 1.0, "copy_copy": 2.0, "nearest_cell": 3.0, "random_cells": 4.0}


def test_a_record_is_made_once(toy, tmp_path):
    (record,) = run_augment("toy", "thinning", 1, tmp_path)
    path = tmp_path / "toy" / "thinning" / "0.json"
    assert json.loads(path.read_text()) == record
    assert record["labels"]["finest"]["copies"] > 0.8 and (record["cells"], record["genes"]) == (200, 80)
    path.write_text(json.dumps(record | {"seconds": -1.0}))
    assert [r["seconds"] for r in run_augment("toy", "thinning", 1, tmp_path)] == [-1.0]
    assert run_augment("toy", "thinning", 1, tmp_path, fresh=True)[0]["seconds"] >= 0


def test_images_and_the_learned_augmenter(monkeypatch, tmp_path):
    digits = load("digits")[:140].copy()

    monkeypatch.setattr("mixvi.model.mixins.augmentation.IMAGE_STEPS", 1)
    monkeypatch.setattr(datasets, "load", lambda name: digits)
    record = run_augment("digits", "vaegan", 1, tmp_path)[0]
    assert set(record["distances"]) == {"copy_cell", "copy_copy", "nearest_cell", "random_cells"}
    assert np.isclose(record["labels"]["finest"]["original"] * 20 % 1, 0)  # a seventh of them is scored


def test_unknown_data(tmp_path):
    with pytest.raises(ValueError, match="Unknown data set 'x'"):
        run_augment("x", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
