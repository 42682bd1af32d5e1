"""When to stop: types that no longer change, and arms that agree as much as they will. No labels are needed."""

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

STEPS_BETWEEN = 25  # at least


class Settled(Callback):
    """Stop training when the types of some cells have settled.

    Every 25 steps or so, the types that each arm gives to the watched cells are compared with those of the last time.
    The shares of cells that kept their types in all arms, and of those on which all arms agree, are logged as
    ``types_kept`` and ``arms_agree``.

    Parameters
    ----------
    tensors
        The watched cells, as the model's loader gives them.
    earliest
        Share of all steps that are made in any case.
    tolerance
        Share of the cells that may still change, and by which the agreement of the arms may still rise.
    patience
        So many comparisons in a row must be within the tolerance.
    """

    def __init__(self, tensors: dict[str, Tensor], earliest: float = 0.4, tolerance: float = 0.005, patience: int = 3):
        self.tensors, self.earliest, self.tolerance, self.patience = tensors, earliest, tolerance, patience
        self.last_step, self.in_a_row = 0, 0
        self.types: Tensor | None = None  # (arms, cells)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare, and stop if nothing has changed for long enough."""
        if trainer.global_step - self.last_step < STEPS_BETWEEN:
            return
        self.last_step = trainer.global_step
        before, self.types = self.types, self._types_now(pl_module.module)
        if before is None:
            return
        kept = (before == self.types).all(0).float().mean()
        agree, agreed = ((types == types[:1]).all(0).float().mean() for types in (self.types, before))
        pl_module.log_dict({"types_kept": kept, "arms_agree": agree})
        still = kept >= 1 - self.tolerance and agree - agreed <= self.tolerance
        self.in_a_row = self.in_a_row + 1 if still else 0
        first_step = self.earliest * trainer.estimated_stepping_batches
        if self.in_a_row >= self.patience and trainer.global_step >= first_step:
            trainer.should_stop = True

    def state_dict(self) -> dict:
        """What a checkpoint keeps."""
        return {name: getattr(self, name) for name in ("last_step", "in_a_row", "types")}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from a checkpoint."""
        vars(self).update(state_dict)

    @torch.no_grad()
    def _types_now(self, module: torch.nn.Module) -> Tensor:
        """Most probable types of the watched cells, ``(arms, cells)``."""
        module.eval()
        log_q = module.encode_cells(**module._get_inference_input(self.tensors))[1]
        module.train()
        return log_q.argmax(-1)
