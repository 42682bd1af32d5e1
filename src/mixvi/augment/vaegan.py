"""The learned type-preserving augmenter (supplement F)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mixvi.nn import ExpressionProjection, GaussianHead, NegativeBinomialHead
from mixvi.objective import gaussian, negative_binomial

LEAST_SPREAD = 0.3  # of the mean standard deviation of genes


class VAEGAN(nn.Module):
    """Generates cells in the vicinity of a given one (``"vaegan"``; Eq. 70-74).

    A cell is encoded, noise ``n`` moves its latent ``z``, and a new cell is drawn from the decoded distribution:
    counts of the same depth; values within the range of each gene; for images the expected pixels. The noise enters
    the latent as an odd function, times a gain that depends on the cell: it has no mean for the network to hide behind.
    The encoder looks at the principal components that the arms look at.

    The arms are to reconstruct the cell itself, so that they describe real cells, not the generator's idea of them.

    The parameters are frozen but for :meth:`mixvi.CplMixVI.train_augmenter`; the discriminator lives on its
    :class:`~mixvi.train.AugmenterTrainingPlan`.

    Parameters
    ----------
    n_genes
        Genes (or pixels).
    n_components
        Principal components that the encoder sees.
    counts
        Whether the values are counts.
    image
        Whether the values are pixels, from 0 to 1.
    n_latent, n_noise, n_hidden
        Dimensions of ``z`` (the papers' 10) and of ``n``, and width of the hidden layers.
    """

    reconstruct = "original"

    def __init__(
        self,
        n_genes: int,
        n_components: int = 50,
        counts: bool = True,
        image: bool = False,
        n_latent: int = 10,
        n_noise: int = 10,
        n_hidden: int = 256,
    ):
        super().__init__()
        self.sizes = (n_genes, n_components, counts, image, n_latent, n_noise, n_hidden)
        self.counts, self.image, self.n_noise = counts, image, n_noise
        self.projection = ExpressionProjection(n_genes, n_components, counts)
        self.encoder = nn.Sequential(*_block(n_components, n_hidden), *_block(n_hidden, n_hidden))
        self.noise = nn.Linear(n_noise, n_noise, bias=False)
        self.gain = nn.Linear(n_hidden, n_noise)
        self.posterior = nn.Linear(n_hidden + n_noise, 2 * n_latent)
        self.decoder = nn.Sequential(*_block(n_latent, n_hidden), *_block(n_hidden, n_hidden))
        self.head = (NegativeBinomialHead if counts else GaussianHead)(1, n_hidden, n_genes)
        with torch.no_grad():  # begin with much noise: a small step is hard to see beside the cell's own noise
            self.noise.weight.copy_(torch.eye(n_noise))
            self.posterior.weight[:, n_hidden:].uniform_(-1, 1)
        self.register_buffer("lowest", torch.zeros(n_genes))
        self.register_buffer("highest", torch.zeros(n_genes))
        self.register_buffer("trained", torch.tensor(False))
        self.requires_grad_(False).eval()

    def untrained(self) -> "VAEGAN":
        """A new generator of the same sizes."""
        return VAEGAN(*self.sizes)

    def train(self, mode: bool = True) -> "VAEGAN":
        """Stay in evaluation mode, whatever the model that it is a part of does."""
        return super().train(False)

    def fit(self, x: Tensor) -> None:
        """Estimate the projection and the range of each gene from cells ``(cells, genes)``, unless it is trained."""
        if self.trained:
            return
        if self.image and not (x.min() >= 0 and x.max() <= 1):
            raise ValueError(f"Pixels must be between 0 and 1; these are between {x.min():g} and {x.max():g}.")
        self.projection.fit(x)
        if not self.image:  # whose head gives logits
            self.head.start_at(self.projection.location, self.projection.scale)
        self.lowest.copy_(x.amin(0))
        self.highest.copy_(x.amax(0))

    @torch.no_grad()
    def forward(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        if not self.trained:
            raise RuntimeError("The augmenter is untrained. Call model.train_augmenter() first.")
        h = self.encoder(self.projection(x)).expand(n_arms, -1, -1)
        mean, log_var = self.infer(h, torch.randn(n_arms, len(x), self.n_noise, device=x.device))
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return self.sample(self.expect(self.decoder(z), x))

    def infer(self, h: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``q(z|x,n)``, ``(..., n_latent)``, from ``(..., n_hidden)`` and ``(..., n_noise)``.

        Without noise, ``n = 0``, it is ``q(z|x)``.
        """
        step = self.noise(noise).tanh() * self.gain(h).sigmoid()
        mean, log_var = self.posterior(torch.cat([h, step], -1)).chunk(2, -1)
        return mean, log_var.clamp(-10, 5)

    def expect(self, decoded: Tensor, x: Tensor) -> Tensor:
        """Expected values of copies of ``x``, ``(arms, cells, n_hidden) -> (arms, cells, genes)``."""
        if self.counts:
            return self.head.log_mean(decoded, x).exp()
        mean = self.head.mean(decoded)
        return mean.sigmoid() if self.image else mean

    @property
    def log_scale(self) -> Tensor:
        """Log standard deviation of values around their mean; genes that hardly vary must not rule the loss."""
        return self.head.log_scale[0].clamp_min((LEAST_SPREAD * self.head.unit.mean()).log())

    def log_prob(self, x: Tensor, expected: Tensor) -> Tensor:
        """``log p(x|z)`` of cells ``(cells, genes)`` with these expected values: ``(cells,)``."""
        if self.counts:
            return negative_binomial(x, expected.clamp_min(1e-8).log(), self.head.log_theta[0])
        if self.image:
            return -F.binary_cross_entropy(expected.clamp(1e-6, 1 - 1e-6), x, reduction="none").sum(-1)
        return gaussian(x, expected, self.log_scale)

    @torch.no_grad()
    def sample(self, expected: Tensor) -> Tensor:
        """Draw copies around their expected values, ``(..., genes)`` to the same shape."""
        if self.counts:
            variance = (1 + (-self.head.log_theta[0]).exp()).log()  # of the log-rate: the negative binomial's moments
            spread = (torch.randn_like(expected) * variance.sqrt() - 0.5 * variance).exp()
            rate = expected * spread
            rate = rate.cpu() if rate.device.type == "mps" else rate  # which draws no Poisson counts
            return torch.poisson(rate).to(expected.device)
        if not self.image:
            expected = expected + torch.randn_like(expected) * self.log_scale.exp()
        return expected.clamp(self.lowest, self.highest)


def _block(n_in: int, n_out: int) -> list[nn.Module]:
    return [nn.Linear(n_in, n_out), nn.LayerNorm(n_out), nn.ReLU()]
