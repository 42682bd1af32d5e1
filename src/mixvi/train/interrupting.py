"""Ctrl-C stops a training after the step in hand, and keeps what was learned."""

import signal
import threading

from lightning.pytorch import Callback, LightningModule, Trainer


class StopsOnInterrupt(Callback):
    """Stop after the step in hand at the first interrupt; the second one breaks off, as without this.

    Attributes
    ----------
    interrupted
        Whether there was one.
    """

    def __init__(self):
        self.interrupted = False
        self._before = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Listen, which only the main thread can."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_interrupt)

    def on_train_batch_end(self, trainer: Trainer, *_) -> None:
        """Stop if there was an interrupt."""
        if self.interrupted:
            trainer.should_stop = True

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Listen no more."""
        self._listen_no_more()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Listen no more."""
        self._listen_no_more()

    def _on_interrupt(self, *_) -> None:
        self.interrupted = True
        self._listen_no_more()

    def _listen_no_more(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
