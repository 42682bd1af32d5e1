"""What the models with a single arm share."""

import torch
import torch.nn.functional as F
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, auto_move_data
from torch import Tensor, nn

from mixvi.augment import Augmenter, get_augmenter
from mixvi.module.covariates import Covariates
from mixvi.nn import (
    HEADS,
    ConvolutionalDecoder,
    ConvolutionalEncoder,
    DenseDecoder,
    DenseEncoder,
    ExpressionProjection,
    PixelHead,
    PixelProjection,
    SummaryEncoder,
)


class SingleArmModule(BaseModuleClass):
    """Input, covariates and likelihood of a model with one arm.

    Tensors are arms-first with one arm, so that verbs need not know how many there are.

    Parameters
    ----------
    n_input
        Genes.
    n_categories
        Categories ``K``.
    n_state
        Dimensions of the state.
    likelihood
        ``"nb"``, ``"zinb"``, ``"normal"`` or ``"bernoulli"``.
    n_components
        Principal components that the encoder sees, at most; encoders of images see all pixels.
    image_shape
        ``(h, w)`` or ``(h, w, channels)`` if the cells are images.
    n_batch, n_cats_per_cov, n_continuous_cov
        Batches, levels of each categorical covariate, and continuous covariates.
    """

    n_arms = 1

    def __init__(
        self,
        n_input: int,
        *,
        n_categories: int,
        n_state: int,
        likelihood: str = "nb",
        n_components: int = 100,
        image_shape: tuple[int, ...] | None = None,
        n_batch: int = 1,
        n_cats_per_cov: list[int] | None = None,
        n_continuous_cov: int = 0,
    ):
        super().__init__()
        self.n_categories, self.n_state, self.likelihood = n_categories, n_state, likelihood
        self.n_input, self.image_shape = n_input, image_shape
        self.covariates = Covariates(n_batch, n_cats_per_cov, n_continuous_cov)
        self.register_buffer("log_library", torch.zeros(2))  # mean and standard deviation over the cells
        if image_shape is None:
            self.projection = ExpressionProjection(n_input, n_components, counts=HEADS[likelihood].counts)
        else:
            self.projection = PixelProjection(n_input)

    def make_head(self, n_hidden: int, pixels: bool) -> nn.Module:
        """The likelihood head behind a decoder with ``n_hidden`` outputs, which may be ``pixels`` already."""
        return PixelHead() if pixels else HEADS[self.likelihood](1, n_hidden, self.n_input)

    def fit_to(self, x: Tensor, seed: int = 0) -> None:
        """Adapt everything that is estimated rather than learned to a sample of cells, shape ``(cells, genes)``."""
        self.projection.fit(x, seed)
        self.head.start_at(self.projection.location, self.projection.scale)
        if self.head.counts:
            log_library = x.sum(1).clamp_min(1).log()
            self.log_library.copy_(torch.stack([log_library.mean(), log_library.std()]))

    def _get_inference_input(self, tensors: dict[str, Tensor], full_forward_pass: bool = False) -> dict[str, Tensor]:
        return {"x": tensors[REGISTRY_KEYS.X_KEY].float(), "covariates": self.covariates(tensors)}

    def _get_generative_input(self, tensors: dict[str, Tensor], inference_outputs: dict) -> dict[str, Tensor]:
        covariates = self.covariates(tensors)
        return {"c": inference_outputs["c"], "s": inference_outputs["s"], "covariates": covariates}

    def draw_states(self, category: Tensor) -> Tensor:
        """Draw ``s ~ p(s)`` for categories ``(cells,)``: shape ``(cells, n_state)``."""
        return torch.randn(len(category), self.n_state, device=category.device)

    def draw_latents(self, category: Tensor, **kwargs) -> dict[str, Tensor]:
        """What ``generative`` takes for cells of given categories ``(cells,)``, with states that are drawn.

        Parameters
        ----------
        category
            Categories, shape ``(cells,)``.
        **kwargs
            Of ``draw_states``.

        Returns
        -------
        ``c`` and ``s``, shapes ``(1, cells, …)``.
        """
        c = F.one_hot(category, self.n_categories).float()
        return {"c": c[None], "s": self.draw_states(category, **kwargs)[None]}

    @auto_move_data
    def expected(self, c: Tensor, s: Tensor, covariates: Tensor, library_size: float = 1.0) -> Tensor:
        """Expected expression of cells with one library size, ``(1, cells, genes)``."""
        h = self.generative(c, s, covariates)["h"]
        return self.head.mean(h, library_size)

    @torch.inference_mode()
    def generate_cells(
        self, category: Tensor, noise: bool, state: Tensor | None = None, **kwargs
    ) -> tuple[Tensor, Tensor, Tensor]:
        """New cells of given categories.

        Parameters
        ----------
        category
            Categories, shape ``(cells,)``.
        noise
            Draw from the likelihood rather than give its expected values.
        state
            States of the cells, shape ``(cells, n_state)``; drawn if None.
        **kwargs
            Of ``draw_states``.

        Returns
        -------
        Cells ``(cells, genes)``, their states ``(cells, n_state)`` and covariates ``(cells, n_covariates)``.
        """
        latents = self.draw_latents(category, **kwargs if state is None else {})
        if state is not None:
            latents["s"] = state[None]
        s = latents["s"]
        covariates = self.covariates.typical(len(category), s)
        mean, deviation = self.log_library
        library = (mean + deviation * torch.randn(len(category), 1, device=s.device)).exp()
        h = self.generative(covariates=covariates, **latents)["h"]
        return (self.head.sample if noise else self.head.mean)(h, library)[0], s[0], covariates


class SingleArmVAE(SingleArmModule):
    """An encoder of a cell, a decoder of category and state, and copies of the cell if wanted.

    Parameters
    ----------
    network
        ``"dense"`` or ``"convolutional"`` (images in [0, 1] of up to 64 × 64 pixels).
    n_hidden
        Widths of the encoder's dense layers; the decoder's are the same, backwards.
    normalise
        Whether dense layers are normalised.
    dropout_rate
        Dropout in the dense encoder.
    augmenter
        What makes the copies that are trained on, see :func:`~mixvi.augment.get_augmenter`.
    **kwargs
        As in :class:`SingleArmModule`.
    """

    makes_copies = True  # of cells, in training
    infers_category = True  # from the summary of a cell
    decodes_category = True

    def __init__(
        self,
        n_input: int,
        *,
        network: str = "dense",
        n_hidden: tuple[int, ...] = (128, 128),
        normalise: bool = True,
        dropout_rate: float = 0.0,
        augmenter: str | Augmenter = "none",
        **kwargs,
    ):
        super().__init__(n_input, **kwargs)
        counts = HEADS[self.likelihood].counts
        self.augment = get_augmenter(
            augmenter, n_input, counts=counts, projection=self.projection, image_shape=self.image_shape
        )
        n_latent = self.n_state + self.n_categories * self.decodes_category
        if network == "convolutional":
            trunk = ConvolutionalEncoder(self.image_shape, self.covariates.n_features)
            self.decoder = ConvolutionalDecoder(n_latent, self.covariates.n_features, self.image_shape)
        else:
            n_in = self.projection.n_components
            trunk = DenseEncoder(n_in, self.covariates.n_features, n_hidden, normalise, dropout_rate)
            self.decoder = DenseDecoder(n_latent, self.covariates.n_features, n_hidden[::-1], normalise)
        self.encoder = SummaryEncoder(trunk, self.n_state, self.n_categories * self.infers_category)
        self.head = self.make_head(self.decoder.n_out, network == "convolutional")

    def fit_to(self, x: Tensor, seed: int = 0) -> None:
        """Adapt everything that is estimated rather than learned to a sample of cells, shape ``(cells, genes)``."""
        super().fit_to(x, seed)
        if hasattr(self.augment, "fit"):
            self.augment.fit(x)

    def copy_and_target(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What is encoded, and what is to be reconstructed, each ``(cells, genes)``: in training a copy of the cell."""
        if not self.training:
            return x, x
        copy = self.augment(x, 1)[0]
        return copy, x if getattr(self.augment, "reconstruct", "copy") == "original" else copy

    def summarise(self, x: Tensor, covariates: Tensor) -> Tensor:
        """Summary of cells, ``(cells, genes), (cells, n_covariates) -> (1, cells, n_hidden)``."""
        return self.encoder.summarise(self.projection(x), covariates)[None]

    def draw(self, mean: Tensor, log_var: Tensor) -> Tensor:
        """Draw from a factorised Gaussian, of any shape."""
        return mean + torch.randn_like(mean) * (0.5 * log_var).exp()

    @auto_move_data
    def generative(self, c: Tensor, s: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """Decode category and state ``(1, cells, …)`` to the head's input, ``(1, cells, n_hidden)``."""
        return {"h": self.decoder(torch.cat([c, s], -1), covariates)}

    def reconstruction(self, h: Tensor, x: Tensor) -> Tensor:
        """``−log p(x|s,c)``, ``(n, cells, n_hidden), (cells, genes) -> (n, cells)``."""
        return -self.head.log_prob(h, x.expand(len(h), -1, -1))
