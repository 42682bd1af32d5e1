"""InfoGAN (Chen et al. 2016)."""

import torch
import torch.nn.functional as F
from scvi.module.base import auto_move_data
from torch import Tensor

from mixvi.module.single import SingleArmModule
from mixvi.nn import Generator, Recogniser
from mixvi.objective import information_bound


class InfoGAN(SingleArmModule):
    """A generator of cells from codes ``c`` and ``s``, a discriminator, and ``Q`` that reads the codes from cells.

    ``c`` is uniform over the categories, ``s`` uniform on (−1, 1). The type of a cell is the argmax of ``Q(c|x)``.

    Parameters
    ----------
    n_input
        Genes.
    network
        ``"dense"`` or ``"convolutional"`` (images).
    n_noise
        Dimensions of the noise that is no code.
    **kwargs
        As in :class:`~mixvi.module.SingleArmModule`.
    """

    def __init__(self, n_input: int, *, network: str = "dense", n_noise: int = 62, **kwargs):
        super().__init__(n_input, **kwargs)
        self.n_noise = n_noise
        pixels = network == "convolutional"
        shape = self.image_shape if pixels else None
        n_codes = self.n_categories + self.n_state
        self.decoder = Generator(n_codes + n_noise, self.covariates.n_features, shape)
        n_in = self.projection.n_components
        self.encoder = Recogniser(n_in, self.covariates.n_features, self.n_categories, self.n_state, shape)
        self.head = self.make_head(self.decoder.n_out, pixels)

    @auto_move_data
    def encode_cells(self, x: Tensor, covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(1, cells, n_codes)`` and ``log Q(c|x)`` ``(1, cells, categories)`` of cells ``(cells, genes)``."""
        h = self.encoder.summarise(self.projection(x), covariates)[None]
        return h, self.encoder.infer_category(h)

    @auto_move_data
    def inference(self, x: Tensor, covariates: Tensor) -> dict[str, Tensor]:
        """The most probable codes of cells, ``c`` and ``s`` of shape ``(1, cells, …)``."""
        h, log_q = self.encode_cells(x, covariates)
        c = F.one_hot(log_q.argmax(-1), self.n_categories).float()
        return {"log_q": log_q, "c": c, "s": self.encoder.infer_state(h)[0]}

    @auto_move_data
    def generative(self, c: Tensor, s: Tensor, covariates: Tensor, noise: Tensor | None = None) -> dict[str, Tensor]:
        """Generate from codes ``(1, cells, …)``, without noise unless it is given: ``(1, cells, n_hidden)``."""
        noise = s.new_zeros(*s.shape[:-1], self.n_noise) if noise is None else noise
        return {"h": self.decoder(torch.cat([c, s, noise], -1), covariates)}

    def loss(self, tensors: dict[str, Tensor], inference_outputs: dict, generative_outputs: dict) -> None:
        """None that could be compared with a bound: the training plan plays the game.

        Raises
        ------
        NotImplementedError
            Always.
        """
        raise NotImplementedError("InfoGAN has no likelihood, so neither a bound nor a reconstruction error.")

    def draw_states(self, category: Tensor) -> Tensor:
        """Draw ``s`` uniformly on (−1, 1) for categories ``(cells,)``: shape ``(cells, n_state)``."""
        return torch.rand(len(category), self.n_state, device=category.device) * 2 - 1

    def draw_latents(self, category: Tensor, **kwargs) -> dict[str, Tensor]:
        """As in :class:`~mixvi.module.SingleArmModule`, and ``noise``."""
        noise = torch.rand(1, len(category), self.n_noise, device=category.device) * 2 - 1
        return super().draw_latents(category, **kwargs) | {"noise": noise}

    def generate_like(self, x: Tensor, covariates: Tensor, latents: dict[str, Tensor]) -> Tensor:
        """Cells from codes and noise, of the library size of cells ``x``, ``(cells, genes)``.

        Counts and other expression are drawn, with the gradient of their expected values; images are expected values.
        """
        h = self.generative(covariates=covariates, **latents)["h"]
        library = x.sum(-1, keepdim=True)
        expected = self.head.mean(h, library)
        if self.image_shape is None:
            with torch.no_grad():
                noise_of_counts = self.head.sample(h, library) - expected
            expected = expected + noise_of_counts
        return expected[0]

    def information(self, seen: Tensor, c: Tensor, s: Tensor) -> Tensor:
        """Bound of the information about the codes in what the recogniser has seen of cells; shape ``(cells,)``."""
        h = self.encoder.codes(seen)
        return information_bound(self.encoder.infer_category(h), c, self.encoder.infer_state(h)[0], s)
