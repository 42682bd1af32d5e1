import os
import subprocess
import sys
from pathlib import Path

import pytest

import mixvi
from mixvi import CplMixVI
from mixvi.model.devices import n_processes

SCRIPT = Path(__file__).parent / "together.py"


def test_two_processes_train_one_model(tmp_path):
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-W", "ignore", str(SCRIPT), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second = ((tmp_path / f"rank{rank}.txt").read_text().split() for rank in range(2))
    assert first[:2] == second[:2]  # the same parameters and types
    assert float(first[1]) == 1.0  # all types found
    assert first[2] != second[2]  # other random numbers
    assert not (tmp_path / "training.ckpt").exists()


@pytest.mark.parametrize(
    ("arguments", "n"),
    [
        ({}, 1),
        ({"devices": 4}, 1),
        ({"strategy": "ddp", "devices": 4}, 4),
        ({"strategy": "ddp_find_unused_parameters_true", "devices": "3", "num_nodes": 2}, 6),
        ({"strategy": "ddp", "devices": [0, 1]}, 2),
    ],
)
def test_number_of_processes(arguments, n):
    assert n_processes(arguments) == n


def test_what_cannot_be_spread_is_refused_before_anything_is_done(small):
    two = {"strategy": "ddp", "devices": 2, "max_epochs": 1}
    CplMixVI.setup_anndata(small)
    for trained, wrong in [
        ({"prune": True}, "prune=True, which changes the networks, needs one device"),
        ({"batch_size": 1}, "batch_size=1"),
        ({"strategy": "fsdp"}, "strategy='fsdp'"),
    ]:
        model = CplMixVI(small)
        with pytest.raises(ValueError, match=wrong):
            model.train(**two | trained)
        assert not model.is_trained_
    for name in ("MoESimVI", "JointVI", "CascadeVI", "InfoGANVI", "VaDEVI"):
        model_class = getattr(mixvi, name)
        model_class.setup_anndata(small)
        with pytest.raises(ValueError, match="trains on one device"):
            model_class(small, n_categories=3).train(**two)
