"""Trains in two processes, which each write what they know: ``FOLDER``."""

import os
import sys
from pathlib import Path

import torch
from sklearn.metrics import adjusted_rand_score

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states


def main(folder: Path) -> None:
    """Train, and write parameters, agreement with the true types, and a random number."""
    torch.set_num_threads(1)
    adata = simulate_types_and_states([100, 80, 60], n_genes=70, seed=0)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, seed=0)
    drawn = []
    model.module.register_forward_hook(lambda *_: drawn.append(float(torch.rand(()))))
    together = {"strategy": "ddp", "devices": 2, "accelerator": "cpu", "enable_progress_bar": False}
    model.train(max_epochs=10, batch_size=64, checkpoint=folder, checkpoint_every=3, **together)
    parameters = sum(float(parameter.detach().double().sum()) for parameter in model.module.parameters())
    score = adjusted_rand_score(adata.obs["type"], model.get_cell_types())
    (folder / f"rank{os.environ.get('LOCAL_RANK', '0')}.txt").write_text(f"{parameters} {score} {drawn[0]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
