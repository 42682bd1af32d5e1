"""Which cells are trained on, and a sample of them."""

import numpy as np
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS
from torch import Tensor

from mixvi.loading import CellSplitter, RowReader
from mixvi.model.ready import check_plan, check_training

FITTED_CELLS = 10_000  # enough to find types and principal components
SAMPLE_VALUES = 50_000_000  # 200 MB


class SamplingMixin:
    """Chooses among the model's cells, from its seed."""

    _data_splitter_cls = CellSplitter

    def _split(self, train_size: float) -> list[np.ndarray]:
        """Positions of the cells for training, validation and test: the same for the same seed."""
        order = np.random.default_rng(self.seed_).permutation(self.adata.n_obs)
        return np.split(order, [max(2, round(train_size * len(order))), len(order)])

    def _check_training(
        self, max_epochs: int | None, batch_size: int | None, train_size: float = 1.0, plan_kwargs: dict | None = None
    ) -> None:
        """Refuse to train without cells, with changed cells, or with arguments out of their range."""
        check_training(self.adata, max_epochs, batch_size, train_size)
        check_plan(self._training_plan_cls, self.module, plan_kwargs)
        self._check_own_cells()

    def _sample_cells(self, train_indices: np.ndarray, most: int = FITTED_CELLS) -> tuple[np.ndarray, Tensor]:
        """Up to ``most`` training cells: their positions, and their values ``(cells, genes)``.

        The first 10,000 are a random sample themselves.
        """
        x = self.adata_manager.get_from_registry(REGISTRY_KEYS.X_KEY)
        size = min(len(train_indices), most, max(1000, SAMPLE_VALUES // x.shape[1]))
        drawn = np.random.default_rng(self.seed_).choice(train_indices, size, replace=False)
        index = np.concatenate([np.sort(part) for part in np.split(drawn, [FITTED_CELLS])])
        return index, dense_rows(x, index)


def dense_rows(matrix: np.ndarray | sparse.spmatrix, index: np.ndarray) -> Tensor:
    """Rows of a matrix, in memory or in a file, ``(rows, features)``."""
    sample = RowReader(matrix).take(index)
    dense = sample.toarray() if sparse.issparse(sample) else np.asarray(sample)
    return torch.as_tensor(dense, dtype=torch.float32)
