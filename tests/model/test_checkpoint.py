import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import LambdaCallback

import mixvi
from mixvi import CplMixVI

SCRIPT = Path(__file__).parent / "killed.py"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class Stop(Exception):
    """What breaks a training off."""


def stop_after(epoch):
    def look(trainer, *_):
        if trainer.current_epoch == epoch:
            raise Stop

    return LambdaCallback(on_train_batch_end=look)


def differences(a, b):
    """Of two models' parameters: how far each is off that is not the same to the last bit."""
    assert a.keys() == b.keys()
    return {key: (a[key] - b[key]).abs().max().item() for key in a if not torch.equal(a[key], b[key])}


def run(folder, *dies):
    environment = os.environ | dict.fromkeys(THREADS, "1") | {"CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-W", "ignore", str(SCRIPT), str(folder), *map(str, dies)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_killed_process_goes_on_as_if_it_had_not_been(tmp_path):
    folders = {"": tmp_path / "whole", "SIGKILL": tmp_path / "killed", "SIGTERM": tmp_path / "ended"}
    for number, folder in folders.items():
        if number:
            run(folder, number, 5)
            assert [path.name for path in folder.iterdir()] == ["training.ckpt"]
        done = run(folder)
        assert done.returncode == 0, done.stderr
        assert [path.name for path in folder.iterdir()] == ["parameters.pt"]
    whole, killed, ended = (torch.load(folder / "parameters.pt") for folder in folders.values())
    assert not differences(whole, killed)
    assert not differences(whole, ended)


def test_an_interrupted_model_can_be_used(tmp_path):
    done = run(tmp_path, "SIGINT", 5)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "interrupted, 3 types"
    assert (tmp_path / "training.ckpt").exists()  # of a training that can still go on


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "made", "trained", "epoch"),
    [
        ("CplMixVI", {"augmenter": "vaegan", "n_categories": 3}, {"max_epochs": 5}, 3),
        ("CplMixVI", {"n_categories": 7}, {"max_epochs": 120, "prune": True}, 110),
        ("CplMixVI", {}, {}, 15),  # until the types have settled
        ("MoESimVI", {"n_categories": 4}, {"max_epochs": 5}, 3),
        ("VaDEVI", {"n_categories": 3}, {"max_epochs": 5}, 3),
        ("InfoGANVI", {"n_categories": 3}, {"max_epochs": 5}, 3),
    ],
)
def test_every_model_goes_on_as_if_nothing_had_happened(small, tmp_path, name, made, trained, epoch):
    model_class = getattr(mixvi, name)

    def model():
        model_class.setup_anndata(small)
        return model_class(small, seed=0, **made)

    quiet = trained | {"enable_progress_bar": False, "accelerator": "cpu"}
    whole, broken, resumed = model(), model(), model()
    whole.train(**quiet)
    keep = {"checkpoint": tmp_path, "checkpoint_every": 2}
    with pytest.raises(Stop):
        broken.train(**quiet, **keep, callbacks=[stop_after(epoch)])
    torch.rand(5), np.random.random(5)  # a resumed process is at another random state
    resumed.train(**quiet, **keep)
    assert not differences(whole.module.state_dict(), resumed.module.state_dict())
    assert whole.history.keys() == resumed.history.keys()
    for key, table in whole.history.items():
        assert table.index.tolist() == resumed.history[key].index.tolist()
        np.testing.assert_array_equal(resumed.history[key].astype(float), table.astype(float), err_msg=key)
    assert (whole.get_cell_types() == resumed.get_cell_types()).all()


@pytest.fixture
def broken_off(tmp_path, small):
    """Makes models of the cells, and the folder of a checkpoint of one."""

    def model(adata=small, **kwargs):
        CplMixVI.setup_anndata(adata)
        return CplMixVI(adata, **{"n_categories": 3} | kwargs)

    first = model()
    kept = {"checkpoint": tmp_path, "checkpoint_every": 1, "enable_progress_bar": False}
    with pytest.raises(Stop):
        first.train(max_epochs=4, callbacks=[stop_after(2)], **kept)
    return model, kept, tmp_path / "training.ckpt"


def test_other_trainings_are_refused(broken_off, small):
    model, kept, path = broken_off
    before = path.read_bytes()
    other = small.copy()
    other.X = other.X * 2
    for made, trained, wrong in [
        (model(seed=5), {}, "seed is 0, not 5"),
        (model(n_state=3), {}, "n_state is 2, not 3"),
        (model(other), {}, "values of the first cells"),
        (model(small[:-1].copy()), {}, "number of cells"),
        (model(), {"max_epochs": 7}, "max_epochs is 4, not 7"),
        (model(), {"plan_kwargs": {"lr": 0.5}}, "lr is None, not 0.5"),
    ]:
        with pytest.raises(ValueError, match=f"of another training: its {wrong}"):
            made.train(**{"max_epochs": 4} | trained, **kept)
        assert not made.is_trained_
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"nonsense", lambda b: b""])
def test_damaged_checkpoints_are_refused(broken_off, damage):
    model, kept, path = broken_off
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="damaged, or no checkpoint"):
        model().train(max_epochs=4, **kept)


def test_code_in_a_checkpoint_is_not_run(broken_off, tmp_path):
    model, kept, path = broken_off

    class Code:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"format": 1, "about": Code()}, path)
    with pytest.raises(ValueError, match="damaged, or no checkpoint"):
        model().train(max_epochs=4, **kept)
    assert not (tmp_path / "ran").exists()


def test_bad_arguments(broken_off, tmp_path):
    model, kept, _ = broken_off
    with pytest.raises(ValueError, match="checkpoint_every=0"):
        model().train(max_epochs=4, **kept | {"checkpoint_every": 0})
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        model().train(max_epochs=4, **kept | {"checkpoint": tmp_path / "file"})


def test_the_start_is_not_looked_for_again(broken_off, monkeypatch):
    model, kept, _ = broken_off
    again = model()
    monkeypatch.setattr(type(again), "_first_types", lambda *_: pytest.fail("looked for again"))
    again.train(max_epochs=4, **kept)
    assert len(again.history["elbo_train"]) == 4
