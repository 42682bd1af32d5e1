"""CascadeVAE (Jeong and Song 2019)."""

import torch
import torch.nn.functional as F
from scvi.module.base import LossOutput, auto_move_data
from torch import Tensor

from mixvi.module.assignment import assign_categories
from mixvi.module.single import SingleArmVAE
from mixvi.objective import category_kl, state_kl

MOST_VALUES = 2**24  # that are decoded together


class CascadeVAE(SingleArmVAE):
    """One VAE whose encoder infers the state alone; the category is found by optimisation.

    In training the categories of a batch minimise the reconstruction error and their crowding together, exactly
    (:func:`~mixvi.module.assign_categories`). A new cell gets ``softmax_c log p(x|μ, c)``.

    Parameters
    ----------
    n_input
        Genes.
    crowding
        ``λ'``, in nats for each pair of cells of a batch in the same category.
    **kwargs
        As in :class:`~mixvi.module.SingleArmVAE`.
    """

    infers_category = False

    def __init__(self, n_input: int, *, crowding: float = 0.001, **kwargs):
        super().__init__(n_input, **kwargs)
        self.crowding = crowding

    @torch.no_grad()
    def costs(self, x: Tensor, s: Tensor, covariates: Tensor) -> Tensor:
        """``−log p(x_i|s_i, c=k)`` of every category, ``(cells, categories)``.

        Parameters
        ----------
        x
            Cells, shape ``(cells, genes)``.
        s
            States, shape ``(1, cells, n_state)``.
        covariates
            Shape ``(cells, n_covariates)``.
        """
        every = torch.eye(self.n_categories, device=x.device)
        together = max(1, MOST_VALUES // max(1, x.numel()))
        costs = []
        for c in every.split(together):
            c = c[:, None].expand(-1, len(x), -1)  # (categories, cells, categories)
            h = self.generative(c, s.expand(len(c), -1, -1), covariates)["h"]
            costs.append(self.reconstruction(h, x))
        return torch.cat(costs).T

    @auto_move_data
    def encode_cells(self, x: Tensor, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(1, cells, n_hidden)`` and ``log q(c|x)`` ``(1, cells, categories)`` of ``(cells, genes)``."""
        h = self.summarise(x, covariates)
        mean, _ = self.encoder.infer_state(h)
        return h, (-self.costs(x, mean, covariates)).log_softmax(-1)[None]

    @auto_move_data
    def inference(self, x: Tensor, covariates: Tensor, with_category: bool = True) -> dict[str, Tensor]:
        """Sample ``s ~ q(s|x)``, and find the categories; without, they are zero."""
        copy, target = self.copy_and_target(x)
        mean, log_var = self.encoder.infer_state(self.summarise(copy, covariates))
        s = self.draw(mean, log_var)
        c = torch.zeros(1, len(x), self.n_categories, device=x.device)
        if with_category:
            costs = self.costs(target, s, covariates)
            if self.training:
                category = torch.as_tensor(assign_categories(costs.cpu().numpy(), self.crowding), device=x.device)
            else:
                category = costs.argmin(1)
            c = F.one_hot(category, self.n_categories).float()[None]
        return {"c": c, "s": s, "state_mean": mean, "state_log_var": log_var, "target": target}

    def loss(
        self,
        tensors: dict[str, Tensor],
        inference_outputs: dict,
        generative_outputs: dict,
        kl_weight: float = 1.0,
        state_weights: Tensor | float = 1.0,
    ) -> LossOutput:
        """``−log p(x|s,c) + Σ_j β_j D_KL(q(s_j|x) ‖ p(s_j))``, with the ``β_j`` of ``state_weights``."""
        reconstruction = self.reconstruction(generative_outputs["h"], inference_outputs["target"])[0]
        mean, log_var = inference_outputs["state_mean"][0], inference_outputs["state_log_var"][0]
        kl_of_dimensions = state_kl(mean[..., None], log_var[..., None])  # (cells, n_state)
        state_weights = torch.as_tensor(state_weights, device=mean.device)
        log_c = inference_outputs["c"][0].clamp_min(torch.finfo(mean.dtype).tiny).log()
        return LossOutput(
            loss=(reconstruction + kl_weight * (state_weights * kl_of_dimensions).sum(-1)).mean(),
            reconstruction_loss=reconstruction,
            kl_local={"state": kl_of_dimensions.sum(-1), "category": category_kl(log_c)},
            extra_metrics={"kl_state": kl_of_dimensions.detach().sum(-1).mean()},
        )
