"""Batches of cells that come with what they are to each other."""

from functools import cached_property

import numpy as np
import torch
from scvi.data import AnnDataManager
from scvi.dataloaders import DataSplitter
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mixvi.module.moe_sim_vae import INFORMATIVE_KEY, TARGET_KEY
from mixvi.similarity import NeighbourBatches, Similarity

CELLS_KEY = "cells"  # of a batch: which cells it holds


class PairedCells(Dataset):
    """Cells, as scvi-tools gives them, beside the similarity of every pair of a batch.

    Parameters
    ----------
    cells
        All cells.
    index
        Positions of the cells that are dealt, shape ``(chosen,)``.
    similarity
        Similarity of all cells.
    """

    def __init__(self, cells: Dataset, index: np.ndarray, similarity: Similarity):
        self.cells, self.index, self.similarity = cells, index, similarity

    def __len__(self) -> int:
        """Number of cells that are dealt."""
        return len(self.index)

    def __getitem__(self, positions: list[int]) -> dict[str, Tensor]:
        """Tensors of the cells at some positions of the index, the cells, and their pairs ``(cells, cells)``."""
        chosen = self.index[positions]
        pairs = self.similarity.batch(chosen)
        tensors = {name: torch.as_tensor(values) for name, values in self.cells[chosen].items()}
        return tensors | {
            CELLS_KEY: torch.as_tensor(chosen),
            TARGET_KEY: pairs.target,
            INFORMATIVE_KEY: pairs.informative,
        }


class PairSplitter(DataSplitter):
    """scvi-tools' splitter, whose training batches hold neighbours and say which of their cells are alike.

    Batches are of equal size, so that none is left with a few cells.

    Parameters
    ----------
    adata_manager, **kwargs
        As in :class:`scvi.dataloaders.DataSplitter`.
    similarity
        Similarity of all cells.
    seed
        Seed of the batches.
    """

    def __init__(self, adata_manager: AnnDataManager, *, similarity: Similarity, seed: int, **kwargs):
        super().__init__(adata_manager, **kwargs)
        self.similarity, self.seed = similarity, seed

    @cached_property
    def batches(self) -> NeighbourBatches:
        """Batches of positions among the training cells."""
        n_cells = len(self.train_idx)
        n_batches = max(1, n_cells // self.data_loader_kwargs["batch_size"])
        graph = self.similarity.subset(self.train_idx).graph
        return NeighbourBatches(graph, -(-n_cells // n_batches), seed=self.seed)

    def train_dataloader(self) -> DataLoader:
        """Loader of the training cells."""
        cells = PairedCells(self.adata_manager.create_torch_dataset(), self.train_idx, self.similarity)
        return DataLoader(cells, sampler=self.batches, batch_size=None)
