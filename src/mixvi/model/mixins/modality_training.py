"""How models of several modalities begin to train."""

import numpy as np
from torch import Tensor

from mixvi.model.mixins.training import FITTED_CELLS, dense_rows
from mixvi.model.modalities import cells_with
from mixvi.module import modality_key
from mixvi.nn import cells_with_values
from mixvi.train import ModalityStates, Start, StartingStates, StartingTypes, fill_missing, quick_types


class ModalityTrainingMixin:
    """The steps of training that differ: a sample of cells is a dictionary of their values in each modality."""

    _makes_copies = False  # that agreement and calibration could ask about: arms differ by what they look at

    def _ready_augmenter(self, train_indices: np.ndarray, trainer_kwargs: dict) -> None:
        """There is none to be trained."""

    def _learn_outliers(self) -> None:
        """Outliers are not told: what a modality leaves unexplained has no common scale with the others."""

    def _sample_cells(self, train_indices: np.ndarray) -> tuple[np.ndarray, dict[str, Tensor]]:
        """Up to 10,000 training cells with each modality: their positions, and their values ``(cells, features)``."""
        order = np.random.default_rng(self.seed_).permutation(train_indices)
        chosen = [order[cells_with(self.adata, name)[order]][:FITTED_CELLS] for name in self.modalities]
        index = np.unique(np.concatenate(chosen))
        values = {name: self.adata_manager.get_from_registry(modality_key(name)) for name in self.modalities}
        return index, {name: dense_rows(matrix, index) for name, matrix in values.items()}

    def _fit_to(self, x: dict[str, Tensor]) -> None:
        """Fit what is estimated to all cells of a sample."""
        self.module.to("cpu").fit_to(x, self.seed_)

    def _quick_types(self, x: dict[str, Tensor], batch: np.ndarray) -> np.ndarray:
        """Types of a sample of cells in all modalities together, the lacking ones from cells near by."""
        blocks = [self.module.part(name).projection(x[name]).numpy() for name in self.modalities]
        present = np.stack([cells_with_values(x[name]).numpy() for name in self.modalities])
        scores = fill_missing(blocks, present, self.seed_)
        n_types = None if self.choose_categories_ else self.module.n_categories
        return quick_types(scores, batch, self.seed_, n_types, max_types=self.module.n_categories)

    def _start_of(self, x: dict[str, Tensor], batch: Tensor, labels: np.ndarray) -> Start:
        """The start that a sample of cells with their types is extended to, with states of each modality."""
        states = {}
        for name in self.modalities:
            has, part = cells_with_values(x[name]), self.module.part(name)
            known = x[name][has], batch[has], labels[has.numpy()], part.n_state, self.seed_
            states[name] = StartingStates(part.projection, *known, n_types=self.module.n_categories)
        types = StartingTypes(self.module.projection, x, batch, labels)
        return Start(types, ModalityStates(states, self.module.arms_each))
