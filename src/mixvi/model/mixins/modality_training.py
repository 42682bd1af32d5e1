"""How models of several modalities begin to train."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from mixvi.model.mixins.sampling import FITTED_CELLS, dense_rows
from mixvi.model.modalities import cells_with
from mixvi.module import modality_key
from mixvi.nn import cells_with_values
from mixvi.train import ModalityStates, Start, StartingStates, StartingTypes, fill_missing, quick_types


class ModalityTrainingMixin:
    """The steps of training that differ: a sample of cells is a dictionary of their values in each modality."""

    _n_copies = 0  # arms differ by what they look at: agreement does not ask about copies

    def _prepare(self, train_indices: np.ndarray, trainer_kwargs: dict) -> None:
        """There is none to be trained."""

    def _conclude(self, train_indices: np.ndarray) -> None:
        """Nothing is calibrated, and outliers are not told: modalities know and leave unexplained different things."""
        self._warn_of_lost_types()

    def _sample_cells(
        self, train_indices: np.ndarray, most: int = FITTED_CELLS
    ) -> tuple[np.ndarray, dict[str, Tensor]]:
        """Up to 10,000 training cells with each modality: their positions, and their values ``(cells, features)``."""
        order = np.random.default_rng(self.seed_).permutation(train_indices)
        chosen = [order[cells_with(self.adata, name)[order]][:FITTED_CELLS] for name in self.modalities]
        index = np.unique(np.concatenate(chosen))
        values = {name: self.adata_manager.get_from_registry(modality_key(name)) for name in self.modalities}
        return index, {name: dense_rows(matrix, index) for name, matrix in values.items()}

    def _fit_to(self, x: dict[str, Tensor]) -> None:
        """Fit what is estimated to all cells of a sample."""
        self.module.to("cpu").fit_to(x, self.seed_)

    def _first_types(
        self, start: str, index: np.ndarray, x: dict[str, Tensor], n_types: int | None, bound: int
    ) -> np.ndarray:
        """Types of the sampled cells in all modalities together, the lacking ones from cells near by."""
        if start != "auto":
            return pd.factorize(self.adata.obs[start].to_numpy()[index], sort=True)[0]
        blocks = [self.module.part(name).projection(x[name]).numpy() for name in self.modalities]
        present = np.stack([cells_with_values(x[name]).numpy() for name in self.modalities])
        scores = fill_missing(blocks, present, self.seed_)
        return quick_types(scores, self._batch_of_cells()[index], self.seed_, n_types, max_types=bound)

    def _teacher(self, index: np.ndarray, x: dict[str, Tensor], labels: np.ndarray) -> Start:
        """What tells the training plan the types of a batch, and states of each modality."""
        batch, states = torch.as_tensor(self._batch_of_cells()[index]), {}
        for name in self.modalities:
            has, part = cells_with_values(x[name]), self.module.part(name)
            known = x[name][has], batch[has], labels[has.numpy()], part.n_state, self.seed_
            states[name] = StartingStates(part.projection, *known, n_types=self.module.n_categories)
        types = StartingTypes(self.module.projection, x, batch, labels)
        return Start(types, ModalityStates(states, self.module.arms_each))
