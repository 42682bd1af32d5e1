"""Trains in a process of its own, which sends itself a signal if told to: ``FOLDER [SIGNAL EPOCH]``."""

import os
import signal
import sys
from pathlib import Path

import torch
from lightning.pytorch import Callback

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states


class Dies(Callback):
    """Sends this process a signal in an epoch."""

    def __init__(self, number: int, epoch: int):
        self.number, self.epoch = number, epoch

    def on_train_batch_end(self, trainer, *_) -> None:
        if trainer.current_epoch == self.epoch:
            os.kill(os.getpid(), self.number)


def main(folder: Path, number: int = 0, epoch: int = 0) -> None:
    """Train, and keep the parameters; say how many types there are after an interrupt."""
    adata = simulate_types_and_states([80, 60, 60], n_genes=70, seed=0)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, seed=0)
    try:
        model.train(
            max_epochs=9,
            checkpoint=folder,
            checkpoint_every=2,
            enable_progress_bar=False,
            accelerator="cpu",
            callbacks=[Dies(number, epoch)] if number else [],
        )
    except KeyboardInterrupt:
        print("interrupted,", model.get_cell_types().nunique(), "types")
        return
    torch.save(model.module.state_dict(), folder / "parameters.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(signal.Signals[sys.argv[2]]), int(sys.argv[3])) if sys.argv[2:] else ())
