"""Telling cells that are unlike all of the training cells."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mixvi.model.mixins.types import consensus
from mixvi.model.outliers import OutlierRule
from mixvi.nn import SparseCells

SAMPLE_CELLS = 10_000  # whose misfits tell what is usual


class OutliersMixin:
    """Compares cells with what the model makes of them."""

    def _learn_outliers(self, indices: Sequence[int]) -> None:
        """Learn from these training cells how far a cell may be from what the model makes of it."""

        def misfits(h: Tensor, log_q: Tensor, *cells: Tensor | SparseCells) -> tuple[Tensor]:
            return (self._misfit(h, consensus(self._by_type(log_q)).argmax(-1), *cells),)

        (misfit,) = self._run(None, None, misfits, indices[:SAMPLE_CELLS], with_cells=True)
        self.outlier_rule_ = OutlierRule.fit(misfit.numpy())

    def _misfit(self, h: Tensor, kind: Tensor, *cells: Tensor | SparseCells) -> Tensor:
        """:meth:`mixvi.module.CplMixVAE.misfit` at types in the order of their names."""
        return self.module.misfit(h, torch.as_tensor(self.type_order_, device=kind.device)[kind], *cells)
