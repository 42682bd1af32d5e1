"""Dropping categories while training goes on, so that their number is an upper bound."""

import copy
import logging

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor, nn

from mixvi.metrics import arm_consensus
from mixvi.train.pruning import inherited_shares, superfluous

logger = logging.getLogger(__name__)

STEPS_BETWEEN = 50  # at least: the types that are left need time to agree
MOMENTS = ("exp_avg", "exp_avg_sq")  # what Adam knows of each parameter


class Pruning(Callback):
    """Look at the consensus of the arms every 50 steps or so, and drop categories that they do not agree on.

    Begins when nothing pulls the cells to the types of the start any more, to which categories would no longer
    correspond.

    Parameters
    ----------
    tensors
        Some cells, as the model's loader gives them.
    scores
        The same cells projected, ``(cells, components)``; None to go by consensus alone.
    n_copies
        Copies of a cell that each arm is shown; 0 to show it the cell itself.
    min_consensus
        Consensus from which on a type stays.
    rising
        While the mean consensus rises by more than this from look to look, all types stay; by default none is waited
        for.
    """

    def __init__(
        self,
        tensors: dict[str, Tensor],
        scores: np.ndarray | None,
        n_copies: int,
        min_consensus: float,
        rising: float = np.inf,
    ):
        self.tensors, self.scores, self.n_copies = tensors, scores, n_copies
        self.min_consensus, self.rising = min_consensus, rising
        self.last_step, self.last_mean = 0, 0.0
        self.rounds: list[tuple[np.ndarray, int]] = []  # consensus of the types (types,), number that were given up

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Look, and drop."""
        if trainer.global_step - self.last_step < STEPS_BETWEEN or pl_module.current_start_weight() > 0:
            return
        self.last_step, module = trainer.global_step, pl_module.module
        kept, shares = self._look(module)
        if len(kept) < module.n_categories:
            pl_module.start = None  # its pull is over
            drop_categories(module, trainer.optimizers[0], torch.as_tensor(kept, device=module.device))
            module.shares.copy_(torch.as_tensor(shares))

    def state_dict(self) -> dict:
        """What a checkpoint keeps."""
        return {
            "last_step": self.last_step,
            "last_mean": self.last_mean,
            "rounds": [(torch.as_tensor(values), n) for values, n in self.rounds],
        }

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from a checkpoint."""
        self.last_step, self.last_mean = state_dict["last_step"], state_dict["last_mean"]
        self.rounds = [(values.numpy(), n) for values, n in state_dict["rounds"]]

    def _look(self, module: nn.Module) -> tuple[np.ndarray, np.ndarray]:
        """The categories to keep, and the shares that they inherit from those that hold cells."""
        log_q, of_copies = self._encode(module)
        log_p = log_q.mean(0)  # (cells, categories)
        occupied, types = np.unique(log_p.argmax(1), return_inverse=True)
        votes = of_copies[..., occupied].argmax(-1).swapaxes(0, 1)  # (arms, copies, cells)
        matrix = arm_consensus(votes.reshape(len(votes), -1), len(occupied))
        mean = float(np.diag(matrix).mean())
        rises, self.last_mean = mean > self.last_mean + self.rising, mean
        given_up = [] if rises else superfluous(matrix, types, self.min_consensus, self.scores)
        self.rounds.append((np.diag(matrix).copy(), len(given_up)))
        logger.info("Pruning: %d of %d types are given up.", len(given_up), len(occupied))
        stay = np.setdiff1d(np.arange(len(occupied)), given_up)
        kept, held = occupied[stay], module.shares.cpu().numpy()[occupied]
        return kept, inherited_shares(held / held.sum(), types, log_p[:, kept].argmax(1), stay)

    @torch.no_grad()
    def _encode(self, module: nn.Module) -> tuple[np.ndarray, np.ndarray]:
        """``log q(c|x)`` of cells (arms, cells, categories), and of copies (copies, arms, cells, categories)."""
        module.eval()
        inputs = module._get_inference_input(self.tensors)
        log_q = module.encode_cells(**inputs)[1]
        x, covariates = inputs["x"].to(module.device, torch.float32), inputs["covariates"]
        copies = (module.encode(module.augment(x, module.n_arms), covariates)[1] for _ in range(self.n_copies))
        of_copies = torch.stack(list(copies)) if self.n_copies else log_q[None]
        module.train()
        return log_q.cpu().numpy(), of_copies.cpu().numpy()


def drop_categories(module: nn.Module, optimizer: torch.optim.Adam, index: Tensor) -> None:
    """Drop all categories but ``index`` while the module is being trained.

    Parameters that shrink are new ones; the optimiser takes them in place of the old ones, with the moments of what is
    left of them: these are dropped by the module's own rule, in copies whose parameters are moments.

    Parameters
    ----------
    module
        A module with ``keep_categories``.
    optimizer
        Adam of the module's parameters.
    index
        The categories to keep, integers.
    """
    before = dict(module.named_parameters())
    of_moment = {moment: _with_moments(module, optimizer, moment) for moment in MOMENTS}
    for shrinking in (module, *of_moment.values()):
        shrinking.keep_categories(index)
    after = dict(module.named_parameters())
    moments = {moment: dict(shrunk.named_parameters()) for moment, shrunk in of_moment.items()}
    for name, old in before.items():
        if after[name] is not old and old in optimizer.state:
            state = optimizer.state.pop(old)
            optimizer.state[after[name]] = state | {moment: moments[moment][name].detach() for moment in MOMENTS}
    renewed = {old: after[name] for name, old in before.items()}
    for group in optimizer.param_groups:
        group["params"] = [renewed[parameter] for parameter in group["params"]]


@torch.no_grad()
def _with_moments(module: nn.Module, optimizer: torch.optim.Adam, moment: str) -> nn.Module:
    """A copy of the module whose parameters are their moments."""
    moments = copy.deepcopy(module)
    for (_, parameter), own in zip(module.named_parameters(), moments.parameters(), strict=True):
        if parameter in optimizer.state:
            own.copy_(optimizer.state[parameter][moment])
    return moments
