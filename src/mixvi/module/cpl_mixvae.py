"""The coupled mixture VAE (cpl-mixVAE)."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, LossOutput, auto_move_data
from torch import Tensor

from mixvi.augment import Augmenter, CountSplit, deal, get_augmenter
from mixvi.module.covariates import Covariates
from mixvi.nn import (
    HEADS,
    ConvolutionalArmDecoder,
    ConvolutionalArmEncoder,
    ExpressionProjection,
    MixtureDecoder,
    MixtureEncoder,
    NegativeBinomialHead,
    PixelHead,
    PixelProjection,
    SparseCells,
    project,
    project_expected,
    sample_category,
)
from mixvi.nn.expected import CELLS_AT_ONCE
from mixvi.objective import (
    COUPLINGS,
    category_kl,
    coupled_bound,
    mixture_bound,
    of_all_ranks,
    state_kl,
    virtual_adversarial_divergence,
)

SMOOTHNESS_RADIUS = 0.2  # of the typical distance of an image from the average image


class CplMixVAE(BaseModuleClass):
    """A ≥ 1 autoencoding arms that agree on a cell's category while each learns its own state (Eq. 2, Fig. 1).

    A batch flows ``x → copies → projection → summary → category, state → sample → decode → one loss``. Tensors are
    arms-first. In training every arm gets its own copy of a cell, in evaluation all get the cell itself.

    Parameters
    ----------
    n_input
        Genes.
    n_arms
        Arms ``A``; 1 is the plain mixture VAE of Eq. 3.
    n_categories
        Categories ``K``.
    n_state
        Dimensions of the state.
    n_components
        Principal components that the encoders see, at most: those that cannot be told from noise are zero. Encoders of
        images see all pixels.
    n_hidden, n_bottleneck
        Widths of the hidden layer and of the summary of a cell.
    n_batch
        Batches.
    n_cats_per_cov
        Levels of each categorical covariate.
    n_continuous_cov
        Continuous covariates.
    n_query_batches
        Batches that come after training, see :meth:`add_batches`.
    likelihood
        ``"nb"``, ``"zinb"``, ``"normal"`` or ``"bernoulli"``.
    coupling, coupling_kwargs
        Name and arguments of the pair term, see :mod:`mixvi.objective`.
    augmenter
        What makes the arms' copies, see :func:`~mixvi.augment.get_augmenter`.
    image_shape
        ``(h, w)`` or ``(h, w, channels)`` if the cells are images.
    network
        ``"dense"``, or ``"convolutional"`` for images in [0, 1] of up to 64 × 64 pixels, which has sizes of its own.
    shared_arms
        All arms have the same parameters (cpl-mixVAE*).
    type_dependent_state
        ``q(s|c,x)`` rather than ``q(s|x)`` (cpl-mixVAE(s∤c)).
    temperature
        Temperature of the Gumbel-softmax.
    dropout_rate
        Dropout in the encoders.
    smoothness_weight
        Weight of the divergence between the types of a copy and of its worst neighbour, in nats of a whole cell, see
        :func:`~mixvi.objective.virtual_adversarial_divergence`. Half of the cells of a batch pay it, to save time.
    """

    takes_sparse = True  # when cells are encoded

    def __init__(
        self,
        n_input: int,
        *,
        n_categories: int,
        n_arms: int = 2,
        n_state: int = 2,
        n_components: int = 100,
        n_hidden: int = 128,
        n_bottleneck: int = 64,
        n_batch: int = 1,
        n_cats_per_cov: list[int] | None = None,
        n_continuous_cov: int = 0,
        n_query_batches: int = 0,
        likelihood: str = "nb",
        coupling: str = "consensus",
        coupling_kwargs: dict | None = None,
        augmenter: str | Augmenter = "thinning",
        image_shape: tuple[int, ...] | None = None,
        network: str = "dense",
        shared_arms: bool = False,
        type_dependent_state: bool = True,
        temperature: float = 1.0,
        dropout_rate: float = 0.1,
        smoothness_weight: float = 0.0,
    ):
        super().__init__()
        self.n_arms, self.n_categories, self.n_state = n_arms, n_categories, n_state
        self.covariates = Covariates(n_batch, n_cats_per_cov, n_continuous_cov)
        self.temperature, self.smoothness_weight = temperature, smoothness_weight
        self.coupling = partial(COUPLINGS[coupling], **{"weight": 1.0} | (coupling_kwargs or {}))
        self.holds_shares = coupling == "consensus"
        self.register_buffer("shares", torch.full((n_categories,), 1 / n_categories))

        n_covariates = self.covariates.n_features
        sizes = {"n_arms": n_arms, "n_categories": n_categories, "n_state": n_state, "n_hidden": n_hidden}
        counts = HEADS[likelihood].counts
        if image_shape is None:
            self.projection = ExpressionProjection(n_input, n_components, counts=counts)
        else:
            self.projection = PixelProjection(n_input)
        self.augment = get_augmenter(
            augmenter, n_input, counts=counts, projection=self.projection, image_shape=image_shape
        )
        encoder_trunk = decoder_trunk = None
        if network == "convolutional":
            n_latent = n_categories + n_state
            encoder_trunk = ConvolutionalArmEncoder(n_arms, image_shape, n_covariates, shared_arms)
            decoder_trunk = ConvolutionalArmDecoder(n_arms, n_latent, n_covariates, image_shape, shared_arms)
        self.encoder = MixtureEncoder(
            self.projection.n_components,
            n_covariates,
            n_bottleneck=n_bottleneck,
            type_dependent_state=type_dependent_state,
            shared=shared_arms,
            dropout_rate=dropout_rate,
            trunk=encoder_trunk,
            **sizes,
        )
        self.decoder = MixtureDecoder(n_covariates=n_covariates, shared=shared_arms, trunk=decoder_trunk, **sizes)
        self.head = PixelHead() if decoder_trunk else HEADS[likelihood](n_arms, n_hidden, n_input, shared_arms)
        if n_query_batches:
            self.add_batches(n_query_batches)

    @property
    def trains_on_sparse(self) -> bool:
        """Whether training needs no zeros: they are dealt, projected and explained without being looked at."""
        deals = isinstance(self.augment, CountSplit) or not self.makes_copies
        return deals and type(self.head) is NegativeBinomialHead and self.smoothness_weight == 0

    @property
    def makes_copies(self) -> bool:
        """Whether cells are copied in training."""
        return self.n_arms > 1

    def fit_to(self, x: Tensor, seed: int = 0) -> None:
        """Adapt everything that is estimated rather than learned to a sample of cells, shape ``(cells, genes)``."""
        self.projection.fit(x, seed)
        self.head.start_at(self.projection.location, self.projection.scale)
        if hasattr(self.augment, "fit"):
            self.augment.fit(x)

    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index`` for good: they are not computed any more."""
        if self.covariates.n_query_batches:
            raise ValueError("Types of a reference stay: drop them from the reference, before load_query_data().")
        self.encoder.keep_categories(index)
        self.decoder.keep_categories(index)
        self.shares = self.shares[index] / self.shares[index].sum()
        self.n_categories = len(index)

    def turn_states(self, rotation: Tensor) -> None:
        """Turn the axes of the states by orthogonal matrices ``(arms, n_state, n_state)``; what is decoded stays."""
        self.encoder.turn_states(rotation)
        self.decoder.turn_states(rotation)

    def add_batches(self, n_batches: int) -> None:
        """Take batches that come after training: from now on only their shifts in encoder and decoder are learned.

        A new batch begins as the average of the known ones. Types of cells of known batches stay as they are. The arms
        still have to agree, but types need not have the shares of the cells that they had: new batches may differ.
        """
        self.requires_grad_(False)
        if self.coupling.func is not COUPLINGS["aitchison"]:  # which knows no shares
            weight = self.coupling.keywords["weight"]
            self.coupling = partial(COUPLINGS["mutual_information"], weight=weight, marginal_weight=0.0)
            self.holds_shares = False
        self.encoder.add_covariates(n_batches)
        self.decoder.add_covariates(n_batches)
        self.covariates.n_query_batches = n_batches

    # -- the batch of cells, and what it becomes ------------------------------------------------------------------

    def _get_inference_input(self, tensors: dict[str, Tensor], full_forward_pass: bool = False) -> dict[str, Tensor]:
        return {"x": tensors[REGISTRY_KEYS.X_KEY], "covariates": self.covariates(tensors)}

    def _get_generative_input(self, tensors: dict[str, Tensor], inference_outputs: dict) -> dict[str, Tensor]:
        return {
            "c": inference_outputs["c"],
            "s": inference_outputs["s"],
            "covariates": self.covariates(tensors),
        }

    def copies(self, x: Tensor | SparseCells) -> Tensor | list[SparseCells]:
        """The arms' own copies of cells, as in training: ``(arms, cells, genes)``, or sparse for each arm."""
        if not isinstance(x, SparseCells):
            return self.augment(x, self.n_arms)
        if not isinstance(self.augment, CountSplit):
            return self.augment(x.dense(), self.n_arms)
        return [x.with_values(dealt) for dealt in deal(x.values, self.n_arms)]

    @auto_move_data
    def encode(self, copies: Tensor | list[SparseCells], covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(arms, cells, n_bottleneck)`` and ``log q(c|x)`` ``(arms, cells, categories)`` of the copies."""
        if isinstance(copies, list):
            features = torch.stack([project(self.projection, cells) for cells in copies])
        else:
            features = self.projection(copies)
        h = self.encoder.summarise(features, covariates)
        return h, self.encoder.infer_category(h)

    @auto_move_data
    def encode_cells(self, x: Tensor | SparseCells, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """As :meth:`encode`, with the cells themselves, ``(cells, genes)``, shown to every arm."""
        h = self.encoder.summarise(project(self.projection, x).expand(self.n_arms, -1, -1), covariates)
        return h, self.encoder.infer_category(h)

    @auto_move_data
    def inference(self, x: Tensor | SparseCells, covariates: Tensor) -> dict[str, Tensor | SparseCells]:
        """Sample ``c ~ q(c|x)`` and ``s ~ q(s|c,x)`` in every arm, from copies in training."""
        if self.training and self.makes_copies:
            copies = self.copies(x)
            target = x if getattr(self.augment, "reconstruct", "copy") == "original" else copies
            h, log_q = self.encode(copies, covariates)
        else:
            target = copies = [x] * self.n_arms if isinstance(x, SparseCells) else x.expand(self.n_arms, *x.shape)
            h, log_q = self.encode_cells(x, covariates)
        c = sample_category(log_q, self.temperature, hard=not self.training)
        mean, log_var = self.encoder.infer_state(h, c)
        s = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return {"log_q": log_q, "c": c, "s": s, "state_mean": mean, "state_log_var": log_var} | {
            "copies": copies,
            "target": SparseCells.stack(target) if isinstance(target, list) else target.expand(self.n_arms, *x.shape),
        }

    @auto_move_data
    def generative(self, c: Tensor, s: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """Decode to the likelihood head's input, ``(arms, cells, n_hidden)``."""
        return {"h": self.decoder(c, s, covariates)}

    @auto_move_data
    def expected(self, c: Tensor, s: Tensor, covariates: Tensor, library_size: float = 1.0) -> Tensor:
        """Expected expression of cells with one library size, ``(arms, cells, genes)``."""
        return self.head.mean(self.decoder(c, s, covariates), library_size)

    @auto_move_data
    def misfit(
        self, h: Tensor, category: Tensor, x: Tensor | SparseCells, covariates: Tensor, measured: Tensor
    ) -> Tensor:
        """What the model does not explain of a cell: its projection less that of its expectation, averaged over arms.

        Parameters
        ----------
        h
            Summaries, shape ``(arms, cells, n_bottleneck)``.
        category
            The cells' categories, integers, shape ``(cells,)``; the state is its mean given these.
        x, covariates
            The cells, shape ``(cells, genes)``, and their covariates.
        measured
            Which genes were measured, boolean, shape ``(genes,)``; others cannot misfit.

        Returns
        -------
        Shape ``(cells, n_components)``.
        """
        c = F.one_hot(category, self.n_categories).to(h).expand(len(h), -1, -1)
        decoded = self.decoder(c, self.encoder.infer_state(h, c)[0], covariates)
        total = x.total[:, None] if isinstance(x, SparseCells) else x.sum(-1, keepdim=True)
        if measured.all():
            return project(self.projection, x) - project_expected(self.projection, self.head, decoded, total)
        x, explained = x.dense() if isinstance(x, SparseCells) else x, []
        parts = (decoded.split(CELLS_AT_ONCE, 1), total.split(CELLS_AT_ONCE), x.split(CELLS_AT_ONCE))
        for some, of_some, cells in zip(*parts, strict=True):
            expected = torch.where(measured, self.head.mean(some, of_some), cells)
            explained.append(self.projection(expected).mean(0))
        return self.projection(x) - torch.cat(explained)

    def couple(self, log_q: Tensor) -> Tensor:
        """The pair term of ``log_q`` (arms, cells, categories)."""
        return self.coupling(log_q, self.shares) if self.holds_shares else self.coupling(log_q)

    def smoothness(self, copies: Tensor, log_q: Tensor, covariates: Tensor) -> Tensor:
        """Divergence of the types of half of the copies from those of their worst neighbours; scalar."""
        half = slice(0, max(1, copies.shape[1] // 2))
        features, covariates = self.projection(copies[:, half]), covariates[half]
        return virtual_adversarial_divergence(
            lambda x: self.encoder.infer_category(self.encoder.summarise(x, covariates)),
            features,
            log_q[:, half],
            radius=SMOOTHNESS_RADIUS * math.sqrt(features.shape[-1]),
        ).mean()

    def loss(
        self, tensors: dict[str, Tensor], inference_outputs: dict, generative_outputs: dict, kl_weight: float = 1.0
    ) -> LossOutput:
        """Eq. 6 with the chosen pair term, or Eq. 3 for a single arm; per arm, in nats."""
        log_q = inference_outputs["log_q"]
        reconstruction = -self.head.log_prob(generative_outputs["h"], inference_outputs["target"])  # (arms, cells)
        kl_state = state_kl(inference_outputs["state_mean"], inference_outputs["state_log_var"])
        kl_category = category_kl(log_q)
        if self.n_arms == 1:
            loss = mixture_bound(reconstruction, kl_weight * kl_state, kl_weight * kl_category).mean()
            coupling = torch.zeros_like(loss)
        else:
            coupling = self.couple(of_all_ranks(log_q))
            loss = coupled_bound(reconstruction, kl_weight * kl_state, coupling) / (self.n_arms * (self.n_arms - 1))
        if self.training and self.smoothness_weight > 0:
            smoothness = self.smoothness(inference_outputs["copies"], log_q, self.covariates(tensors))
            loss = loss + self.smoothness_weight * smoothness
        assigned = log_q.argmax(-1)
        return LossOutput(
            loss=loss,
            reconstruction_loss=reconstruction.mean(0),
            kl_local={"state": kl_state.mean(0), "category": kl_category.mean(0)},
            extra_metrics={
                "coupling": coupling.detach(),
                "agreement": (assigned == assigned[:1]).all(0).float().mean(),
            },
        )
