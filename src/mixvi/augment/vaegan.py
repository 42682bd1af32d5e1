"""The learned type-preserving augmenter (supplement F)."""

import torch
from torch import Tensor, nn

from mixvi.nn import BernoulliHead, ExpressionProjection, GaussianHead, NegativeBinomialHead, PixelProjection
from mixvi.objective import bernoulli, gaussian, negative_binomial

LEAST_SPREAD = 0.3  # of the mean standard deviation of genes


class VAEGAN(nn.Module):
    """Generates cells in the vicinity of a given one (``"vaegan"``; Eq. 70-74).

    A cell is encoded, noise ``n`` moves its latent ``z``, and a new cell is drawn from the decoded distribution:
    counts of the same depth; values within the range of each gene; for images the expected pixels. The noise enters
    the latent as an odd function, times a gain that depends on the cell: it has no mean for the network to hide behind.
    The encoder looks at what the arms look at: principal components, or all pixels.

    The arms are to reconstruct the cell itself, so that they describe real cells, not the generator's idea of them.

    The parameters are frozen but for :meth:`mixvi.CplMixVI.train_augmenter`; the discriminator lives on its
    :class:`~mixvi.train.AugmenterTrainingPlan`.

    Parameters
    ----------
    n_genes
        Genes (or pixels).
    n_components
        Principal components that the encoder sees, unless the values are pixels.
    counts
        Whether the values are counts.
    image
        Whether the values are pixels, from 0 to 1.
    n_latent
        Dimensions of ``z`` (the papers' 10) and of ``n``.
    n_hidden
        Width of the hidden layers.
    """

    reconstruct = "original"
    lowest: Tensor  # (genes,)
    highest: Tensor  # (genes,)

    def __init__(
        self,
        n_genes: int,
        n_components: int = 50,
        counts: bool = True,
        image: bool = False,
        n_latent: int = 10,
        n_hidden: int = 256,
    ):
        super().__init__()
        self.sizes = (n_genes, n_components, counts, image, n_latent, n_hidden)
        self.counts, self.image, self.n_latent = counts, image, n_latent
        self.projection = PixelProjection(n_genes) if image else ExpressionProjection(n_genes, n_components, counts)
        n_components = self.projection.n_components
        self.encoder = nn.Sequential(*_block(n_components, n_hidden), *_block(n_hidden, n_hidden))
        self.noise = nn.Linear(n_latent, n_latent, bias=False)
        self.gain = nn.Linear(n_hidden, n_latent)
        self.posterior = nn.Linear(n_hidden + n_latent, 2 * n_latent)
        self.decoder = nn.Sequential(*_block(n_latent, n_hidden), *_block(n_hidden, n_hidden))
        head = BernoulliHead if image else NegativeBinomialHead if counts else GaussianHead
        self.head = head(1, n_hidden, n_genes)
        with torch.no_grad():  # begin with much noise: a small step is hard to see beside the cell's own noise
            self.noise.weight.copy_(torch.eye(n_latent))
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
        self.head.start_at(self.projection.location, self.projection.scale)
        self.lowest.copy_(x.amin(0))
        self.highest.copy_(x.amax(0))

    @torch.no_grad()
    def forward(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        if not self.trained:
            raise RuntimeError("The augmenter is untrained. Call model.train_augmenter() first.")
        h = self.encoder(self.projection(x)).expand(n_arms, -1, -1)
        mean, log_var = self.infer(h, torch.randn(n_arms, len(x), self.n_latent, device=x.device))
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return self.sample(self.expect(self.decode(z, x)))

    def infer(self, h: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``q(z|x,n)``, ``(..., n_latent)``, from ``(..., n_hidden)`` and ``(..., n_latent)``.

        Without noise, ``n = 0``, it is ``q(z|x)``.
        """
        step = self.noise(noise).tanh() * self.gain(h).sigmoid()
        mean, log_var = self.posterior(torch.cat([h, step], -1)).chunk(2, -1)
        return mean, log_var.clamp(-10, 5)

    def decode(self, z: Tensor, x: Tensor) -> Tensor:
        """What the likelihood takes for cells ``x``: log-means of counts, logits of pixels, else means.

        Parameters
        ----------
        z
            Latents, shape ``(arms, cells, n_latent)``.
        x
            Cells, shape ``(cells, genes)``; of their counts only the sum matters.

        Returns
        -------
        Of shape ``(arms, cells, genes)``.
        """
        decoded = self.decoder(z)
        if self.counts:
            return self.head.log_mean(decoded, x)
        return self.head.logits(decoded) if self.image else self.head.mean(decoded)

    def expect(self, predicted: Tensor) -> Tensor:
        """Expected values of what :meth:`decode` returned, same shape."""
        if self.counts:
            return predicted.exp()
        return predicted.sigmoid() if self.image else predicted

    @property
    def log_scale(self) -> Tensor:
        """Log standard deviation of values around their mean; genes that hardly vary must not rule the loss."""
        return self.head.log_scale[0].clamp_min((LEAST_SPREAD * self.head.unit.mean()).log())

    def log_prob(self, x: Tensor, predicted: Tensor) -> Tensor:
        """``log p(x|z)`` of cells ``(cells, genes)``, decoded to ``(cells, genes)``: ``(cells,)``."""
        if self.counts:
            return negative_binomial(x, predicted, self.head.log_theta[0])
        return bernoulli(x, predicted) if self.image else gaussian(x, predicted, self.log_scale)

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
