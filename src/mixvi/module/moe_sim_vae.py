"""The mixture-of-experts similarity VAE (MoE-Sim-VAE)."""

import math

import torch
import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, LossOutput, auto_move_data
from torch import Tensor

from mixvi.augment import Affine
from mixvi.module.covariates import Covariates
from mixvi.nn import (
    HEADS,
    Experts,
    ExpressionProjection,
    GatingNetwork,
    LatentEncoder,
    PixelProjection,
    RunningMeans,
    SparseCells,
    project,
)
from mixvi.objective import (
    cluster_means,
    cluster_variances,
    clustering_bound,
    component_kl,
    covariance_kl,
    depict_loss,
    shares_divergence,
    similarity_bound,
    similarity_loss,
    virtual_adversarial_divergence,
)

SMOOTHNESS_RADIUS = 0.2  # of the typical distance of an image from the average image
TARGET_KEY, INFORMATIVE_KEY = "similarity", "informative"  # of a batch: what its pairs of cells are to each other


class MoESimVAE(BaseModuleClass):
    """Encoder to a Gaussian mixture, gating network, and an expert decoder for each category (Fig. 1).

    A batch flows ``x → projection → z → categories → expert → one loss``: the latent of a cell (Eq. 1) tells the gating
    network its category, that of the highest probability decodes it, and pairs of cells tell whether categories fit
    their similarity. A second, noisy pass through encoder and gating network must come to the same categories.

    Parameters
    ----------
    n_input
        Genes.
    n_categories
        Categories and experts ``K``.
    n_latent
        Dimensions of the latent representation.
    n_components
        Principal components that the encoder sees, at most; None to show it all genes, in common units.
    encoder_widths, gate_widths
        Widths of the hidden layers of the encoder and of the gating network.
    n_hidden
        Width of the hidden layer of an expert.
    n_batch, n_cats_per_cov, n_continuous_cov
        Batches, levels of each categorical covariate, continuous covariates.
    likelihood
        ``"nb"``, ``"zinb"``, ``"normal"`` or ``"bernoulli"`` (Eq. 4).
    image_shape
        ``(h, w)`` or ``(h, w, channels)`` if the cells are images: the noisy branch then sees affine copies of them.
    dropout_rate
        Dropout after each hidden layer of the noisy branch.
    covariance_weight
        ``π_1`` of the divergence of the clusters' covariances (Eq. 5).
    clustering_weight
        Weight of all that concerns categories, in nats of a whole cell.
    similarity_weight
        Weight of the similarity within that; 0 to do without.
    apart_weight
        Weight of the pairs that are not alike (Eq. 7).
    depict_weight
        ``π_2`` of the agreement with the noisy branch (Eq. 10).
    smoothness_weight
        Weight of :func:`~mixvi.objective.virtual_adversarial_divergence`, in nats of a whole cell.
    """

    takes_sparse = True  # when cells are encoded

    def __init__(
        self,
        n_input: int,
        *,
        n_categories: int,
        n_latent: int = 10,
        n_components: int | None = 100,
        encoder_widths: tuple[int, ...] = (128, 128),
        gate_widths: tuple[int, ...] = (100,),
        n_hidden: int = 128,
        n_batch: int = 1,
        n_cats_per_cov: list[int] | None = None,
        n_continuous_cov: int = 0,
        likelihood: str = "nb",
        image_shape: tuple[int, ...] | None = None,
        dropout_rate: float = 0.2,
        covariance_weight: float = 1.0,
        clustering_weight: float = 200.0,
        similarity_weight: float = 1.0,
        apart_weight: float = 0.1,
        depict_weight: float = 0.5,
        smoothness_weight: float = 0.0,
    ):
        super().__init__()
        self.n_categories, self.n_latent = n_categories, n_latent
        self.covariance_weight, self.clustering_weight = covariance_weight, clustering_weight
        self.similarity_weight, self.apart_weight, self.depict_weight = similarity_weight, apart_weight, depict_weight
        self.smoothness_weight, self.image_shape = smoothness_weight, image_shape
        self.is_panel = n_components is None and image_shape is None
        self.register_buffer("shares", torch.full((n_categories,), 1 / n_categories))
        self.register_buffer("log_library", torch.zeros(2))  # mean and standard deviation over the cells

        self.covariates = Covariates(n_batch, n_cats_per_cov, n_continuous_cov)
        if n_components is None:
            self.projection = PixelProjection(n_input)
        else:
            self.projection = ExpressionProjection(n_input, n_components, counts=HEADS[likelihood].counts)
        self.copy = Affine(image_shape) if image_shape else None
        n_covariates = self.covariates.n_features
        self.encoder = LatentEncoder(self.projection.n_components, n_covariates, n_latent, encoder_widths, dropout_rate)
        self.gate = GatingNetwork(n_latent, n_categories, gate_widths, dropout_rate)
        self.experts = Experts(n_categories, n_latent + n_covariates, n_hidden, n_input, likelihood)
        self.centres = RunningMeans(n_categories, n_latent)

    def fit_to(self, x: Tensor, seed: int = 0) -> None:
        """Adapt everything that is estimated rather than learned to a sample of cells, shape ``(cells, genes)``."""
        self.projection.fit(x, seed)
        location, scale = self.projection.location, self.projection.scale
        self.experts.head.start_at(location, scale.expand_as(location))
        if self.experts.head.counts:
            log_library = x.sum(1).clamp_min(1).log()
            self.log_library.copy_(torch.stack([log_library.mean(), log_library.std()]))

    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index`` for good: they are not computed any more."""
        self.gate.keep_categories(index)
        self.experts.keep_experts(index)
        self.centres.keep_categories(index)
        self.shares = self.shares[index] / self.shares[index].sum()
        self.n_categories = len(index)

    # -- the batch of cells, and what it becomes ------------------------------------------------------------------

    def _get_inference_input(self, tensors: dict[str, Tensor], full_forward_pass: bool = False) -> dict[str, Tensor]:
        return {"x": tensors[REGISTRY_KEYS.X_KEY], "covariates": self.covariates(tensors)}

    def _get_generative_input(self, tensors: dict[str, Tensor], inference_outputs: dict) -> dict[str, Tensor]:
        return {
            "z": inference_outputs["z"],
            "expert": inference_outputs["expert"],
            "covariates": self.covariates(tensors),
        }

    def encode(self, features: Tensor, covariates: Tensor, noisy: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        """Mean and log-variance of ``q(z|x)``, ``(cells, latents)``, and ``log p_ik``, ``(cells, categories)``."""
        mean, log_var = self.encoder(features, covariates, noisy)
        z = sample_latent(mean, log_var) if noisy else mean
        return mean, log_var, self.gate(z, noisy)

    @auto_move_data
    def encode_cells(self, x: Tensor | SparseCells, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Latent means ``(1, cells, latents)`` and ``log p_ik`` ``(1, cells, categories)``, of one arm as it were."""
        mean, _, log_p = self.encode(project(self.projection, x), covariates)
        return mean[None], log_p[None]

    @auto_move_data
    def inference(self, x: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """Latents, categories and experts of cells; in training also what the noisy branch says."""
        features = self.projection(x)
        mean, log_var, log_p = self.encode(features, covariates)
        outputs = {"mean": mean, "log_var": log_var, "z": sample_latent(mean, log_var)}
        outputs |= {"log_q": log_p[None], "expert": log_p.argmax(-1), "features": features}
        if self.training:
            copies = features if self.copy is None else self.projection(self.copy(x, 1)[0])
            outputs["noisy_log_p"] = self.encode(copies, covariates, noisy=True)[2]
        return outputs

    @auto_move_data
    def generative(self, z: Tensor, expert: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """What the experts decode: latents ``(cells, latents)`` beside batch and covariates, and who decodes them."""
        return {"z": torch.cat([z, covariates], -1), "expert": expert}

    # -- the objective -------------------------------------------------------------------------------------------

    def clustering_loss(self, tensors: dict[str, Tensor], log_p: Tensor, noisy_log_p: Tensor) -> dict[str, Tensor]:
        """The terms of ``L_Clustering`` (Eq. 7-10), scalars."""
        target, informative = tensors[TARGET_KEY], tensors[INFORMATIVE_KEY]
        return {
            "similarity": similarity_loss(log_p.exp(), target, informative, self.apart_weight),
            "depict": depict_loss(log_p, noisy_log_p),
            "shares": shares_divergence(log_p.exp().mean(0), self.shares),
        }

    def covariance_loss(self, p: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
        """``L_KL`` (Eq. 3) of a batch, a scalar."""
        centres, size = cluster_means(p, mean)
        return covariance_kl(cluster_variances(p, mean, log_var.exp(), centres), size / len(p))

    def smoothness(self, features: Tensor, log_p: Tensor, covariates: Tensor) -> Tensor:
        """How much the categories of half of the cells differ from those of their worst neighbours; scalar."""
        half = slice(0, max(1, len(features) // 2))
        return virtual_adversarial_divergence(
            lambda x: self.encode(x, covariates[half])[2],
            features[half],
            log_p[half],
            radius=SMOOTHNESS_RADIUS * math.sqrt(features.shape[-1]),
        ).mean()

    def loss(
        self, tensors: dict[str, Tensor], inference_outputs: dict, generative_outputs: dict, kl_weight: float = 1.0
    ) -> LossOutput:
        """Eq. 11, in nats of a cell; in evaluation without the clustering loss, for no similarity comes with the batch.

        The clustering loss gains its weight with the divergences, while the starting types lose theirs.
        """
        mean, log_var, log_p = (inference_outputs[name] for name in ("mean", "log_var", "log_q"))
        log_p, expert = log_p[0], inference_outputs["expert"]
        p = F.one_hot(expert, self.n_categories).to(mean)  # the cells that an expert decodes make its component
        reconstruction = -self.experts.log_prob(x=tensors[REGISTRY_KEYS.X_KEY], **generative_outputs)
        clustering, metrics = torch.zeros(()).to(mean), {}
        if self.training:
            self.centres.update(p, mean)
            terms = self.clustering_loss(tensors, log_p, inference_outputs["noisy_log_p"])
            weights = {name: getattr(self, name) for name in ("similarity_weight", "depict_weight")}
            clustering = clustering_bound(**terms, **weights, weight=self.clustering_weight)
            metrics = {name: term.detach() for name, term in terms.items()}
            if self.smoothness_weight > 0:
                covariates = self.covariates(tensors)
                clustering = clustering + self.smoothness_weight * self.smoothness(
                    inference_outputs["features"], log_p, covariates
                )
        component = component_kl(mean, log_var, self.centres.means[expert])
        covariance = self.covariance_loss(p, mean, log_var)
        loss = similarity_bound(
            reconstruction,
            kl_weight * component,
            kl_weight * covariance,
            kl_weight * clustering,
            self.covariance_weight,
        )
        return LossOutput(
            loss=loss,
            reconstruction_loss=reconstruction,
            kl_local={"component": component},
            kl_global={"covariance": covariance},
            extra_metrics=metrics,
        )

    # -- generation ----------------------------------------------------------------------------------------------

    @torch.inference_mode()
    def sample_component(self, category: Tensor) -> Tensor:
        """Latents ``z ~ N(μ_k, I)`` of categories ``(cells,)`` (Eq. 1), ``(cells, latents)``."""
        centres = self.centres.means[category]
        return centres + torch.randn_like(centres)

    def generate_cells(self, category: Tensor, noise: bool) -> tuple[Tensor, Tensor, Tensor]:
        """New cells ``(cells, genes)`` of categories ``(cells,)``, their latents, and their covariates."""
        z = self.sample_component(category)
        covariates = self.covariates.typical(len(category), z)
        return self.decode(z, category, covariates, noise=noise), z, covariates

    @torch.inference_mode()
    def decode(
        self, z: Tensor, expert: Tensor, covariates: Tensor, library: Tensor | None = None, noise: bool = False
    ) -> Tensor:
        """Values ``(cells, genes)`` of latents, expected or with ``noise``; library sizes ``(cells, 1)`` of counts.

        Without them library sizes are drawn: log-normal, as those of the training cells.
        """
        if library is None:
            mean, deviation = self.log_library
            library = (mean + deviation * torch.randn(len(z), 1, device=z.device)).exp()
        return self.experts.decode(torch.cat([z, covariates], -1), expert, library, noise)


def sample_latent(mean: Tensor, log_var: Tensor) -> Tensor:
    """``z ~ q(z|x)``, with the gradient of mean and log-variance, all of shape ``(cells, latents)``."""
    return mean + torch.randn_like(mean) * (0.5 * log_var).exp()
