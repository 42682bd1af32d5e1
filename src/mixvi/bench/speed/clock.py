"""Timing the steps of a training from within."""

import time

import numpy as np
from lightning.pytorch import Callback

from mixvi.bench.speed.floor import synchronise


class StepClock(Callback):
    """Notes when steps of a training begin, whatever is done in them and between them: loading, logging, callbacks.

    Parameters
    ----------
    warm_up
        First steps that do not count.
    device
        Where the steps run.
    """

    def __init__(self, warm_up: int, device: str = "cpu"):
        self.warm_up, self.device = warm_up, device
        self.began: list[float] = []

    def on_train_batch_start(self, *_) -> None:
        """Note the time."""
        if len(self.began) == self.warm_up:
            synchronise(self.device)
        self.began.append(time.perf_counter())

    def on_train_end(self, *_) -> None:
        """Note the end of the last step."""
        synchronise(self.device)
        self.began.append(time.perf_counter())

    def seconds_per_step(self) -> dict[str, float]:
        """``mean``, ``median`` and ``fastest`` of the steps that count."""
        steps = np.diff(self.began[self.warm_up :])
        return {"mean": float(steps.mean()), "median": float(np.median(steps)), "fastest": float(steps.min())}
