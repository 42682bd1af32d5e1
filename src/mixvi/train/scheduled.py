"""Training plans whose options change with the step."""

import torch
from scvi.module.base import BaseModuleClass, LossOutput
from torch import Tensor

from mixvi.objective import cascade_weights, linear_capacity, opened_dimensions
from mixvi.train.plan import CoupledTrainingPlan


class ScheduledTrainingPlan(CoupledTrainingPlan):
    """Passes options to the module that depend on the step."""

    def options(self) -> dict[str, dict]:
        """``inference_kwargs`` and ``loss_kwargs``: arguments of the module's methods at this step."""
        raise NotImplementedError

    @property
    def n_steps(self) -> int:
        """Steps of the whole training."""
        return max(1, self.trainer.estimated_stepping_batches)

    def forward(self, batch: dict[str, Tensor], **kwargs) -> tuple[dict, dict, LossOutput]:
        """Run the module with the options of this step, in validation with its own."""
        if self.training:
            kwargs |= self.options()
        return super().forward(batch, **kwargs)


class JointTrainingPlan(ScheduledTrainingPlan):
    """JointVAE's: capacities that grow.

    Parameters
    ----------
    module
        The module to train.
    state_capacity, category_capacity
        ``C_s`` and ``C_c`` at the start and at the end, in nats; the latter is at most ``log K``.
    capacity_steps
        Training steps in which they grow, but not more than nine tenths of all steps: the faster they grow, the fewer
        categories are used, since a category that takes all cells for sure fills its capacity as well.
    capacity_weight
        ``γ``.
    lr, **kwargs
        As in :class:`~mixvi.train.CoupledTrainingPlan`.
    """

    def __init__(
        self,
        module: BaseModuleClass,
        *,
        state_capacity: tuple[float, float] = (0.0, 5.0),
        category_capacity: tuple[float, float] = (0.0, 5.0),
        capacity_steps: int = 25_000,
        capacity_weight: float = 30.0,
        lr: float = 5e-4,
        weight_decay: float = 0.0,
        **kwargs,
    ):
        super().__init__(module, lr=lr, weight_decay=weight_decay, **kwargs)
        self.state_capacity, self.category_capacity = state_capacity, category_capacity
        self.capacity_steps, self.capacity_weight = capacity_steps, capacity_weight

    def options(self) -> dict[str, dict]:
        """The capacities of this step."""
        n_steps = min(self.capacity_steps, 0.9 * self.n_steps)
        most = torch.tensor(float(self.module.n_categories)).log().item()
        return {
            "loss_kwargs": {
                "state_capacity": linear_capacity(self.global_step, *self.state_capacity, n_steps),
                "category_capacity": linear_capacity(self.global_step, *self.category_capacity, n_steps, most),
                "capacity_weight": self.capacity_weight,
            }
        }


class CascadeTrainingPlan(ScheduledTrainingPlan):
    """CascadeVAE's: state dimensions are opened one after the other, then the category.

    Parameters
    ----------
    module
        The module to train.
    stage_steps
        Training steps of a stage, but not more than a fifteenth of all steps.
    warmup_stages
        Stages without a category.
    state_weights
        ``β`` of state dimensions that are open, and of those that are not yet.
    ramp_steps
        If given, there are no stages and there is a category from the start: one ``β`` grows linearly from 0 to the
        second of ``state_weights`` in so many steps, but not more than a quarter of all.
    lr, weight_decay, **kwargs
        As in :class:`~mixvi.train.CoupledTrainingPlan`.
    """

    def __init__(
        self,
        module: BaseModuleClass,
        *,
        stage_steps: int = 20_000,
        warmup_stages: int = 4,
        state_weights: tuple[float, float] = (0.1, 10.0),
        ramp_steps: int | None = None,
        lr: float = 3e-4,
        weight_decay: float = 4e-5,
        **kwargs,
    ):
        super().__init__(module, lr=lr, weight_decay=weight_decay, **kwargs)
        self.stage_steps, self.warmup_stages = stage_steps, warmup_stages
        self.state_weights, self.ramp_steps = state_weights, ramp_steps

    def options(self) -> dict[str, dict]:
        """Weights of the state, and whether there is a category, at this step."""
        low, high = self.state_weights
        if self.ramp_steps is not None:
            n_steps = min(self.ramp_steps, self.n_steps / 4)
            weights, with_category = linear_capacity(self.global_step, 0.0, high, n_steps), True
        else:
            stage_steps = min(self.stage_steps, self.n_steps / 15)
            n_state = self.module.n_state
            n_open = opened_dimensions(self.global_step, stage_steps, n_state, self.warmup_stages)
            weights = cascade_weights(n_open, n_state, low, high).to(self.device)
            with_category = self.global_step >= self.warmup_stages * stage_steps
        return {"inference_kwargs": {"with_category": with_category}, "loss_kwargs": {"state_weights": weights}}


class VaDETrainingPlan(ScheduledTrainingPlan):
    """VaDE's: the auto-encoder alone, or the whole bound with a learning rate that falls in steps.

    Parameters
    ----------
    module
        The module to train.
    autoencode
        Whether only the reconstruction counts.
    decay, decay_epochs
        The learning rate is multiplied by ``decay`` every ``decay_epochs`` epochs.
    lr, **kwargs
        As in :class:`~mixvi.train.CoupledTrainingPlan`.
    """

    def __init__(
        self,
        module: BaseModuleClass,
        *,
        autoencode: bool = False,
        decay: float = 0.9,
        decay_epochs: int = 10,
        lr: float = 2e-3,
        weight_decay: float = 0.0,
        **kwargs,
    ):
        super().__init__(module, lr=lr, weight_decay=weight_decay, **kwargs)
        self.autoencode, self.decay, self.decay_epochs = autoencode, decay, decay_epochs

    def options(self) -> dict[str, dict]:
        """Whether to auto-encode."""
        chosen = {"autoencode": self.autoencode}
        return {"inference_kwargs": chosen, "loss_kwargs": chosen}

    def on_train_batch_start(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Set the learning rate of this epoch."""
        super().on_train_batch_start(batch, batch_idx)
        if not self.autoencode:
            for group in self.trainer.optimizers[0].param_groups:
                group["lr"] = self.lr * self.decay ** (self.current_epoch // self.decay_epochs)
