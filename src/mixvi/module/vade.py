"""VaDE, a variational deep embedding (Jiang et al. 2017)."""

import torch
import torch.nn.functional as F
from scvi.module.base import LossOutput, auto_move_data
from torch import Tensor, nn

from mixvi.module.single import SingleArmVAE
from mixvi.nn import SummaryEncoder
from mixvi.objective import mixture_category_kl, mixture_state_kl, responsibilities

NARROWER = 0.1  # variance of q(z|x), in units of the components', to begin with
MOST_DRAWS = 2000  # latents that are drawn for one that is kept


class VaDE(SingleArmVAE):
    """One VAE whose latent ``z`` is a mixture of Gaussians, one a category.

    The state of a cell is its ``z`` in units of its category: ``s = (z − u_c) / √λ_c``, which is standard normal.

    Parameters
    ----------
    n_input
        Genes.
    **kwargs
        As in :class:`~mixvi.module.SingleArmVAE`.
    """

    infers_category = False
    decodes_category = False

    def __init__(self, n_input: int, **kwargs):
        super().__init__(n_input, **kwargs)
        self.encoder = ComponentEncoder(self.encoder.trunk, self.n_state, self.n_categories)

    @auto_move_data
    def encode_cells(self, x: Tensor, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(1, cells, n_hidden)`` and ``log γ`` at the mean of ``z``, ``(1, cells, categories)``."""
        h = self.summarise(x, covariates)
        return h, self.encoder.infer_category(h)

    @auto_move_data
    def inference(self, x: Tensor, covariates: Tensor, autoencode: bool = False) -> dict[str, Tensor]:
        """Sample ``z ~ q(z|x)``, or take its mean to ``autoencode``."""
        copy, target = self.copy_and_target(x)
        mean, log_var = self.encoder.infer_latent(self.summarise(copy, covariates))
        z = mean if autoencode else self.draw(mean, log_var)
        return {"z": z, "latent_mean": mean, "latent_log_var": log_var, "target": target}

    def _get_generative_input(self, tensors: dict[str, Tensor], inference_outputs: dict) -> dict[str, Tensor]:
        z = inference_outputs["z"]
        log_gamma = self.encoder.category_of(z)
        c = F.one_hot(log_gamma.argmax(-1), self.n_categories).to(z)
        s = self.encoder.to_state(z, c)
        return super()._get_generative_input(tensors, {"c": c, "s": s}) | {"z": z}

    @auto_move_data
    def generative(self, c: Tensor, s: Tensor, covariates: Tensor, z: Tensor | None = None) -> dict[str, Tensor]:
        """Decode category and state ``(1, cells, …)``, or their latent ``z``, to ``(1, cells, n_hidden)``."""
        return {"h": self.decoder(self.encoder.to_latent(s, c) if z is None else z, covariates)}

    def loss(
        self,
        tensors: dict[str, Tensor],
        inference_outputs: dict,
        generative_outputs: dict,
        kl_weight: float = 1.0,
        autoencode: bool = False,
    ) -> LossOutput:
        """The negative bound (VaDE, Eq. 12), in nats, or the reconstruction alone."""
        reconstruction = self.reconstruction(generative_outputs["h"], inference_outputs["target"])[0]
        prior = self.encoder.prior
        log_gamma = self.encoder.category_of(inference_outputs["z"])[0]
        kl_state = mixture_state_kl(
            inference_outputs["latent_mean"][0],
            inference_outputs["latent_log_var"][0],
            log_gamma,
            prior.means,
            prior.log_vars,
        )
        kl_category = mixture_category_kl(log_gamma, prior.log_weights)
        loss = reconstruction if autoencode else reconstruction + kl_weight * (kl_state + kl_category)
        return LossOutput(
            loss=loss.mean(),
            reconstruction_loss=reconstruction,
            kl_local={"state": kl_state, "category": kl_category},
        )

    @torch.no_grad()
    def draw_states(self, category: Tensor, threshold: float = 0.0) -> Tensor:
        """Draw states that are surely of their categories: those with ``p(c|z)`` above the threshold are kept.

        Parameters
        ----------
        category
            Categories, shape ``(cells,)``.
        threshold
            From 0 (all are kept) to 1.

        Returns
        -------
        Shape ``(cells, n_state)``.

        Raises
        ------
        ValueError
            If a category is hardly ever that sure.
        """
        s = super().draw_states(category)
        c = F.one_hot(category, self.n_categories).float()
        unsure = torch.ones_like(category, dtype=torch.bool)
        for _ in range(MOST_DRAWS):
            log_p = self.encoder.category_of(self.encoder.to_latent(s[unsure], c[unsure]))
            sure = log_p.gather(-1, category[unsure, None]).squeeze(-1).exp() > threshold
            unsure[unsure.clone()] = ~sure
            if threshold <= 0 or not unsure.any():
                return s
            s[unsure] = super().draw_states(category[unsure])
        raise ValueError(
            f"Of {MOST_DRAWS:,} cells drawn, none is of its type with a probability above {threshold}: the type lies "
            "among others. Lower the threshold."
        )


class MixturePrior(nn.Module):
    """``π``, ``u`` and ``λ`` of a mixture of Gaussians.

    Parameters
    ----------
    n_categories, n_latent
        Components, and dimensions.
    """

    def __init__(self, n_categories: int, n_latent: int):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(n_categories))
        self.means = nn.Parameter(torch.randn(n_categories, n_latent))
        self.log_vars = nn.Parameter(torch.zeros(n_categories, n_latent))

    @property
    def log_weights(self) -> Tensor:
        """``log π``, shape ``(categories,)``."""
        return self.logits.log_softmax(-1)

    @torch.no_grad()
    def start_at(self, weights: Tensor, means: Tensor, variances: Tensor) -> None:
        """Start from a mixture that was fitted to latents; variances ``(categories, n_latent)``."""
        self.logits.copy_(weights.clamp_min(1e-8).log())
        self.means.copy_(means)
        self.log_vars.copy_(variances.log())


class ComponentEncoder(nn.Module):
    """``q(z|x)``, and what ``z`` says about category and state.

    Parameters
    ----------
    trunk
        As in :class:`~mixvi.nn.SummaryEncoder`.
    n_latent, n_categories
        Dimensions of ``z``, and components.
    """

    def __init__(self, trunk: nn.Module, n_latent: int, n_categories: int):
        super().__init__()
        self.gaussian = SummaryEncoder(trunk, n_latent)
        self.prior = MixturePrior(n_categories, n_latent)

    @torch.no_grad()
    def start_at(self, weights: Tensor, means: Tensor, variances: Tensor, log_var: Tensor) -> None:
        """Start from a mixture of the latents of an auto-encoder, with posteriors that tell its components apart.

        The auto-encoder has not learned a variance. One that is wider than the components would make them one.

        Parameters
        ----------
        weights, means, variances
            Of the mixture, as in :class:`MixturePrior`.
        log_var
            Average log-variance of ``q(z|x)``, shape ``(n_latent,)``; it is lowered to a tenth of the components'
            average variance.
        """
        self.prior.start_at(weights, means, variances)
        wanted = (NARROWER * weights @ variances).log()
        bias = self.gaussian.state.bias
        bias[len(log_var) :] += (wanted - log_var).clamp_max(0).to(bias)

    def summarise(self, x: Tensor, covariates: Tensor) -> Tensor:
        """The summary, ``(cells, n_in), (cells, n_covariates) -> (cells, n_hidden)``."""
        return self.gaussian.summarise(x, covariates)

    def infer_latent(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``q(z|x)``, each ``(..., n_latent)``."""
        return self.gaussian.infer_state(h)

    def category_of(self, z: Tensor) -> Tensor:
        """``log γ = log p(c|z)``, ``(..., n_latent) -> (..., categories)``."""
        return responsibilities(z, self.prior.log_weights, self.prior.means, self.prior.log_vars)

    def infer_category(self, h: Tensor) -> Tensor:
        """``log γ`` at the mean of ``z``, ``(..., n_hidden) -> (..., categories)``."""
        return self.category_of(self.infer_latent(h)[0])

    def infer_state(self, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``s`` given the one-hot category ``c``, each ``(..., n_latent)``."""
        mean, log_var = self.infer_latent(h)
        return self.to_state(mean, c), log_var - c @ self.prior.log_vars

    def to_state(self, z: Tensor, c: Tensor) -> Tensor:
        """``s = (z − u_c) / √λ_c``, each ``(..., n_latent)``."""
        return (z - c @ self.prior.means) * (-0.5 * c @ self.prior.log_vars).exp()

    def to_latent(self, s: Tensor, c: Tensor) -> Tensor:
        """``z = u_c + √λ_c s``, each ``(..., n_latent)``."""
        return c @ self.prior.means + (0.5 * c @ self.prior.log_vars).exp() * s
