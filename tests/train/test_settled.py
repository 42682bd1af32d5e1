from types import SimpleNamespace

import torch

from mixvi import CplMixVI
from mixvi.train import Settled


class Scripted(torch.nn.Module):
    """A module whose arms give the watched cells the types of a script, one entry a check."""

    def __init__(self, script):
        super().__init__()
        self.script = iter(script)

    def _get_inference_input(self, tensors):
        return tensors

    def encode_cells(self, **tensors):
        types = torch.tensor(next(self.script))  # (arms, cells)
        return None, torch.nn.functional.one_hot(types, 3).float()


def stopped_at(script, **kwargs) -> tuple[int | None, list[dict]]:
    """Step at which the training stops, with checks every 25 steps, and what was logged."""
    trainer, logged = SimpleNamespace(global_step=0, should_stop=False, estimated_stepping_batches=200), []
    plan = SimpleNamespace(module=Scripted(script), log_dict=logged.append)
    settled = Settled({}, **kwargs)
    for _ in range(len(script)):
        trainer.global_step += 25
        settled.on_train_epoch_end(trainer, plan)
        if trainer.should_stop:
            return trainer.global_step, logged
    return None, logged


SAME, OTHER = [[0, 1, 2, 0], [0, 1, 2, 0]], [[1, 1, 2, 0], [1, 1, 2, 0]]


def test_stops_when_types_are_kept():
    step, logged = stopped_at([OTHER, SAME, SAME, SAME, SAME], earliest=0, patience=2)
    assert step == 100
    assert [float(values["types_kept"]) for values in logged] == [0.75, 1, 1]


def test_not_before_the_first_step():
    assert stopped_at([SAME] * 8, earliest=0.8, patience=2)[0] == 175


def test_arms_that_come_to_agree_are_waited_for():
    """One cell of four at a time; nothing else changes but the second arm."""
    second = [[1, 2, 0, 1], [0, 2, 0, 1], [0, 1, 0, 1], [0, 1, 2, 1], [0, 1, 2, 0]]
    step, logged = stopped_at([[[0, 1, 2, 0], types] for types in [*second, second[-1]]], earliest=0, patience=1)
    assert step == 150
    assert [float(values["arms_agree"]) for values in logged] == [0.25, 0.5, 0.75, 1, 1]


def test_restless_types_never_stop():
    assert stopped_at([SAME, OTHER] * 5, earliest=0, patience=1)[0] is None


def test_a_model_stops_by_itself_and_says_so(small):
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small, n_categories=3)
    model.train(enable_progress_bar=False)
    steps = model.trainer.global_step
    assert 0.4 * 800 <= steps < 800  # two batches of 60 cells, 400 epochs at most
    assert model.history["types_kept"].iloc[-3:, 0].ge(0.995).all()
    assert "arms_agree" in model.history
