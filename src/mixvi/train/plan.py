"""How the coupled arms are trained."""

import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, LossOutput
from scvi.train import TrainingPlan
from torch import Tensor

from mixvi.nn import SparseCells
from mixvi.train.pairs import CELLS_KEY
from mixvi.train.ranks import draw_as_rank
from mixvi.train.start import Start
from mixvi.train.tally import TalliesSteps


class CoupledTrainingPlan(TalliesSteps, TrainingPlan):
    """scvi-tools' training plan, beginning at a partition of the cells that is then let go.

    Parameters
    ----------
    module
        The module to train.
    start
        Types and states to begin with, or None for a random start. The plan, not the module, holds them: they are
        thrown away after training.
    start_weight
        Weight of the cross-entropy to those types, in nats of a whole cell, and of the squared distance to those
        states. It falls linearly to zero.
    start_share
        Share of the training steps after which it is zero.
    lr, weight_decay, eps
        Of the Adam optimiser.
    decay_share
        Share of the training steps, the last ones, in which the learning rate falls linearly to zero.
    n_epochs_kl_warmup, **kwargs
        As in :class:`scvi.train.TrainingPlan`.
    """

    def __init__(
        self,
        module: BaseModuleClass,
        *,
        start: Start | None = None,
        start_weight: float = 100.0,
        start_share: float = 0.2,
        lr: float = 2e-3,
        decay_share: float = 0.0,
        weight_decay: float = 1e-6,
        eps: float = 1e-8,
        n_epochs_kl_warmup: int | None = None,
        **kwargs,
    ):
        super().__init__(
            module, lr=lr, weight_decay=weight_decay, eps=eps, n_epochs_kl_warmup=n_epochs_kl_warmup, **kwargs
        )
        self.start, self.start_weight, self.start_share = start, start_weight, start_share
        self.decay_share = decay_share

    def configure_optimizers(self) -> dict:
        """scvi-tools' optimiser, with each step in one pass over the parameters."""
        config = super().configure_optimizers()
        for group in config["optimizer"].param_groups:
            group["fused"] = True
        return config

    def on_fit_start(self) -> None:
        """Train in training mode, also when the module was evaluated, loaded or trained before."""
        self.module.train()
        draw_as_rank(self.global_rank)

    def on_train_batch_start(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Set the learning rate of this step."""
        super().on_train_batch_start(batch, batch_idx)
        if self.decay_share > 0:
            left = 1 - self.global_step / self.trainer.estimated_stepping_batches
            for group in self.trainer.optimizers[0].param_groups:
                group["lr"] = self.lr * min(1.0, left / self.decay_share)

    def on_train_epoch_end(self) -> None:
        """Stop with a reason when the loss is lost."""
        super().on_train_epoch_end()
        loss = self.trainer.callback_metrics.get("train_loss")
        if loss is not None and not loss.isfinite():
            raise FloatingPointError(
                f"The loss is {loss:.0f} after epoch {self.current_epoch + 1}; the model is as it was before. Look for "
                f"extreme values in the data, or train with a smaller rate: plan_kwargs={{'lr': {self.lr / 10:g}}}."
            )

    def current_start_weight(self) -> float:
        """Weight of the starting types at this step."""
        if self.start is None:
            return 0.0
        n_steps = max(1, self.start_share * self.trainer.estimated_stepping_batches)
        return self.start_weight * max(0.0, 1 - self.global_step / n_steps)

    def starting_types(self, batch: dict[str, Tensor], x: Tensor | dict[str, Tensor]) -> Tensor:
        """Types to begin with of the cells of a batch, whose values are ``x``; shape ``(cells,)``."""
        return self.start.types(x, batch[REGISTRY_KEYS.BATCH_KEY].squeeze(1))

    def forward(self, batch: dict[str, Tensor], **kwargs) -> tuple[dict, dict, LossOutput]:
        """Run the module, and add the pull towards the start to its loss."""
        inference_outputs, generative_outputs, loss = super().forward(batch, **kwargs)
        if self.training and (weight := self.current_start_weight()) > 0:
            log_q = inference_outputs["log_q"]  # (arms, cells, categories)
            x = self.module._get_inference_input(batch)["x"]  # (cells, genes), or of each modality
            x = x.dense() if isinstance(x, SparseCells) else x
            types = self.starting_types(batch, x)  # (cells,)
            pull = F.nll_loss(log_q.flatten(0, 1), types.repeat(len(log_q)))
            if self.start.states is not None:
                batches = batch[REGISTRY_KEYS.BATCH_KEY].squeeze(1)  # (cells,)
                states = self.start.states(x, batches, types)  # (cells, n_state), or of each arm
                pull = pull + (inference_outputs["state_mean"] - states).square().sum(-1).mean()
            loss.loss = loss.loss + weight * pull
        return inference_outputs, generative_outputs, loss


class SimilarityTrainingPlan(CoupledTrainingPlan):
    """As :class:`CoupledTrainingPlan`, for batches that say which cells they hold, see :class:`PairedCells`."""

    def starting_types(self, batch: dict[str, Tensor], x: Tensor | dict[str, Tensor]) -> Tensor:
        """Types to begin with of the cells of a batch; shape ``(cells,)``."""
        return self.start.types(batch[CELLS_KEY])
