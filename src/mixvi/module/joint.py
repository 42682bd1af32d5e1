"""JointVAE (Dupont 2018)."""

import torch
from scvi.module.base import LossOutput, auto_move_data
from torch import Tensor

from mixvi.module.single import SingleArmVAE
from mixvi.nn import sample_category
from mixvi.objective import capacity_loss, category_kl, state_kl


class JointVAE(SingleArmVAE):
    """One VAE with ``q(c|x) q(s|x)``, whose divergences are held at capacities.

    Parameters
    ----------
    n_input
        Genes.
    temperature
        Temperature ``τ`` of the Gumbel-softmax.
    **kwargs
        As in :class:`~mixvi.module.SingleArmVAE`.
    """

    def __init__(self, n_input: int, *, temperature: float = 0.67, **kwargs):
        super().__init__(n_input, **kwargs)
        self.temperature = temperature

    @auto_move_data
    def encode_cells(self, x: Tensor, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(1, cells, n_hidden)`` and ``log q(c|x)`` ``(1, cells, categories)`` of ``(cells, genes)``."""
        h = self.summarise(x, covariates)
        return h, self.encoder.infer_category(h)

    @auto_move_data
    def inference(self, x: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """Sample ``c ~ q(c|x)`` and ``s ~ q(s|x)``."""
        copy, target = self.copy_and_target(x)
        h, log_q = self.encode_cells(copy, covariates)
        c = sample_category(log_q, self.temperature, hard=not self.training)
        mean, log_var = self.encoder.infer_state(h)
        return {
            "log_q": log_q,
            "c": c,
            "s": self.draw(mean, log_var),
            "state_mean": mean,
            "state_log_var": log_var,
            "target": target,
        }

    def loss(
        self,
        tensors: dict[str, Tensor],
        inference_outputs: dict,
        generative_outputs: dict,
        kl_weight: float = 1.0,
        state_capacity: float = 0.0,
        category_capacity: float = 0.0,
        capacity_weight: float = 1.0,
    ) -> LossOutput:
        """:func:`~mixvi.objective.capacity_loss`; by default the negative bound, in nats."""
        reconstruction = self.reconstruction(generative_outputs["h"], inference_outputs["target"])[0]
        kl_state = state_kl(inference_outputs["state_mean"], inference_outputs["state_log_var"])[0]
        kl_category = category_kl(inference_outputs["log_q"])[0]
        loss = capacity_loss(
            reconstruction, kl_state, kl_category, state_capacity, category_capacity, kl_weight * capacity_weight
        )
        return LossOutput(
            loss=loss,
            reconstruction_loss=reconstruction,
            kl_local={"state": kl_state, "category": kl_category},
            extra_metrics={
                "kl_state": kl_state.detach().mean(),
                "kl_category": kl_category.detach().mean(),
                "state_capacity": torch.tensor(float(state_capacity)),
            },
        )
