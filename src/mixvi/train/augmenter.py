"""How the learned augmenter is trained."""

import torch
from scvi import REGISTRY_KEYS
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim.lr_scheduler import LinearLR

from mixvi.augment.vaegan import VAEGAN
from mixvi.objective import (
    adversarial_value,
    augmenter_loss,
    generator_adversarial_loss,
    latent_divergence,
    state_kl,
    triplet_loss,
)
from mixvi.train.tally import TalliesSteps

NEIGHBOUR_CELLS = 1000  # enough to know how far the nearest other cell is
PRIOR_WEIGHT = 0.1  # of the latent: enough to hold its scale, too little to blur what is reconstructed
STEP = 1 / 3  # of the noise, in units of that distance; with what a reconstruction loses, about half of it


class AugmenterTrainingPlan(TalliesSteps):
    """Generator against discriminator, in turns (Eq. 70).

    The discriminator and the triplet look at cells as the arms do: residuals on principal components, or all pixels. A
    sampled copy is passed to the discriminator, and its gradient to the expected values. The discriminator's layers are
    spectrally normalised (Miyato et al. 2018): its gradient is bounded, and cannot overrule the reconstruction. The
    latent has a standard normal prior of little weight, lest ``q(z|x)`` shrinks to a point.

    Parameters
    ----------
    generator
        The augmenter, fitted to cells (:meth:`~mixvi.augment.VAEGAN.fit`). It is changed in place.
    x
        A sample of cells, shape ``(cells, genes)``. Noise is to lead a third as far as the nearest other cell of
        the sample is. A copy within half that distance is nearer to its cell than to any other, whatever its direction.
    divergence_weight
        ``γ``.
    triplet_weight
        Weight of the triplet, lest it rules the reconstruction.
    n_hidden
        Width of the discriminator.
    lr
        Learning rate of both Adam optimisers at the start; the generator's falls to a twentieth of it.
    """

    def __init__(
        self,
        generator: VAEGAN,
        x: Tensor,
        divergence_weight: float = 0.01,
        triplet_weight: float = 0.1,
        n_hidden: int = 128,
        lr: float = 2e-3,
    ):
        super().__init__()
        self.automatic_optimization = False
        self.generator, self.lr = generator, lr
        self.weights = {"divergence_weight": divergence_weight, "triplet_weight": triplet_weight}
        self.discriminator = nn.Sequential(
            spectral_norm(nn.Linear(generator.projection.n_components, n_hidden)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(n_hidden, n_hidden)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(n_hidden, 1)),
        )
        self.others = generator.projection(x[:NEIGHBOUR_CELLS])

    def configure_optimizers(self) -> tuple[list[torch.optim.Optimizer], list[LinearLR]]:
        """One optimiser for the generator, one for the discriminator; and the schedule of the generator."""
        generator = torch.optim.Adam(self.generator.parameters(), lr=self.lr)
        discriminator = torch.optim.Adam(self.discriminator.parameters(), lr=self.lr, betas=(0.5, 0.999))
        n_steps = self.trainer.max_epochs * self.trainer.num_training_batches
        return [generator, discriminator], [LinearLR(generator, 1.0, 0.05, n_steps)]

    def on_fit_start(self) -> None:
        """Thaw the generator."""
        self.generator.requires_grad_(True)

    def on_fit_end(self) -> None:
        """Freeze it again."""
        self.generator.requires_grad_(False)
        self.generator.trained.fill_(True)

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One step of the generator, and one of the discriminator on the same copies."""
        x = batch[REGISTRY_KEYS.X_KEY].float()
        optimisers = self.optimizers()
        terms, seen = self.terms(x)
        adversarial = generator_adversarial_loss(*self._judge(seen[1:]))
        loss = augmenter_loss(adversarial, **terms, **self.weights)
        self._step(optimisers[0], loss)
        self.lr_schedulers().step()
        value = adversarial_value(*self._judge(seen.detach()))
        self._step(optimisers[1], -value)
        means = {name: term.detach().mean() for name, term in terms.items()}
        self.log_dict({"adversarial_value": value.detach(), **means}, on_step=False, on_epoch=True, batch_size=len(x))
        self.log("train_loss", loss.detach(), prog_bar=True, on_step=False, on_epoch=True, batch_size=len(x))
        return loss.detach()

    def terms(self, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The generator's own terms of Eq. 70, and the projections of cells, noise-free and noisy copies.

        Parameters
        ----------
        x
            Cells, shape ``(cells, genes)``.

        Returns
        -------
        ``log_prob``, ``triplet`` and ``divergence``, each of shape ``(cells,)``; and a tensor of shape
        ``(3, cells, n_components)``.
        """
        generator = self.generator
        cell = generator.projection(x)
        h = generator.encoder(cell)
        noise = torch.randn(len(x), generator.n_latent, device=x.device)
        mean, log_var = generator.infer(h, torch.zeros_like(noise))
        noisy_mean, noisy_log_var = generator.infer(h, noise)
        epsilon = torch.randn_like(mean)
        z = torch.stack(
            [mean + epsilon * (0.5 * log_var).exp(), noisy_mean + epsilon * (0.5 * noisy_log_var).exp()]
        )  # (noise-free and noisy, cells, n_latent)
        predicted = generator.decode(z, x)
        expected = generator.expect(predicted)
        copies = expected + (generator.sample(expected) - expected).detach()  # the gradient of the expected values
        terms = {
            "log_prob": generator.log_prob(x, predicted[0]) - PRIOR_WEIGHT * state_kl(mean, log_var),
            "triplet": triplet_loss(cell, *generator.projection(expected), self.margin(cell)),
            "divergence": latent_divergence(mean, log_var, noisy_mean, noisy_log_var),
        }
        return terms, torch.cat([cell[None], generator.projection(copies)])

    def margin(self, cell: Tensor) -> Tensor:
        """``α``: the square of a third of the distance to the nearest other cell, for projected cells: ``(cells,)``."""
        return STEP**2 * squared_distance_to_nearest(cell, self.others.to(cell.device))

    def on_train_epoch_end(self) -> None:
        """Stop with a reason when the loss is lost."""
        super().on_train_epoch_end()
        loss = self.trainer.callback_metrics["train_loss"]
        if not loss.isfinite():
            raise FloatingPointError(
                f"The augmenter's loss is {loss:.0f} after epoch {self.current_epoch + 1}; the model is as it was "
                "before. Look for extreme values in the data."
            )

    def _judge(self, seen: Tensor) -> Tensor:
        """The discriminator's logits, ``(..., cells, n_components) -> (..., cells)``."""
        return self.discriminator(seen).squeeze(-1)

    def _step(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad()
        self.manual_backward(loss)
        self.clip_gradients(optimiser, gradient_clip_val=100.0, gradient_clip_algorithm="norm")
        optimiser.step()


def squared_distance_to_nearest(z: Tensor, others: Tensor) -> Tensor:
    """Squared distance of every cell to the nearest other one.

    Parameters
    ----------
    z
        Cells, shape ``(cells, components)``.
    others
        Cells among which they may be themselves, shape ``(others, components)``.

    Returns
    -------
    Of shape ``(cells,)``.
    """
    norms = others.square().sum(1)
    distance = z.square().sum(1, keepdim=True) - 2 * z @ others.T + norms
    itself = distance < 1e-5 * norms.mean()
    return distance.masked_fill(itself, float("inf")).amin(1)
