"""Logging once an epoch what is measured at every step."""

from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torchmetrics import Metric


class TalliesSteps(LightningModule):
    """Keeps what a training step logs, and logs the means over the cells of an epoch at its last step.

    Lightning goes through all that was ever logged whenever something is, which takes longer than a step of a small
    model. Put it before other classes of training plans.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._tally: dict[str, tuple[list, list[int], dict]] = {}
        self._n_cells: int | None = None  # of the batch in hand; None between training steps

    def on_train_batch_start(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Keep what is logged from now on."""
        self._n_cells = len(next(iter(batch.values()), ()))

    def on_train_batch_end(self, outputs: Any, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Log the means at the last step."""
        self._n_cells = None
        if self.trainer.is_last_batch:
            self._log_means()

    def on_train_epoch_end(self) -> None:
        """Log the means of an epoch that was cut short."""
        self._log_means()

    def log(self, name: str, value: Tensor | float | Metric, **kwargs) -> None:
        """As Lightning's; in a training step, values are kept until the end of the epoch.

        Parameters
        ----------
        name, value, **kwargs
            As in :meth:`lightning.pytorch.LightningModule.log`.
        """
        if self._n_cells is None:
            return super().log(name, value, **kwargs)
        n_cells = kwargs.pop("batch_size", None) or self._n_cells
        values, sizes, _ = self._tally.setdefault(name, ([], [], kwargs))
        values.append(value.detach() if isinstance(value, Tensor) else value)
        sizes.append(n_cells)

    def _log_means(self) -> None:
        for name, (values, sizes, kwargs) in self._tally.items():
            mean = values[-1] if isinstance(values[-1], Metric) else weighted_mean(values, sizes)
            super().log(name, mean, **kwargs | {"on_step": False, "on_epoch": True, "batch_size": sum(sizes)})
        self._tally.clear()


def weighted_mean(values: list[Tensor | float], weights: list[int]) -> Tensor:
    """Mean of scalars, each counted as often as its weight says.

    Parameters
    ----------
    values, weights
        As many of one as of the other.

    Returns
    -------
    Scalar.

    Examples
    --------
    >>> weighted_mean([torch.tensor(1.0), torch.tensor(4.0)], [2, 1])
    tensor(2.)
    """
    values = torch.stack([torch.as_tensor(value, dtype=torch.float32) for value in values])
    weights = torch.tensor(weights, dtype=torch.float32, device=values.device)
    return (values * weights).sum() / weights.sum()
