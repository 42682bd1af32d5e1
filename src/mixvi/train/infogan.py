"""How InfoGAN is trained."""

import torch
from scvi.module.base import BaseModuleClass
from torch import Tensor

from mixvi.objective import discriminator_loss, generator_loss
from mixvi.train.tally import TalliesSteps


class InfoGANTrainingPlan(TalliesSteps):
    """Discriminator against generator, in turns; both raise the information about the codes (Chen et al. 2016, Eq. 6).

    Parameters
    ----------
    module
        The module to train.
    lr, lr_generator
        Learning rates of the Adam optimisers of ``D`` with ``Q``, and of ``G``; ``β₁`` is .5.
    information_weight
        ``λ``.
    """

    steps_per_batch = 2  # that Lightning counts

    def __init__(
        self, module: BaseModuleClass, *, lr: float = 2e-4, lr_generator: float = 1e-3, information_weight: float = 1.0
    ):
        super().__init__()
        self.automatic_optimization = False
        self.module, self.lr, self.lr_generator = module, lr, lr_generator
        self.information_weight = information_weight

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """One optimiser for the recogniser, one for the generator with its head."""
        generator = [*self.module.decoder.parameters(), *self.module.head.parameters()]
        return [
            torch.optim.Adam(self.module.encoder.parameters(), lr=self.lr, betas=(0.5, 0.999)),
            torch.optim.Adam(generator, lr=self.lr_generator, betas=(0.5, 0.999)),
        ]

    def on_fit_start(self) -> None:
        """Train in training mode, also when the module was evaluated, loaded or trained before."""
        self.module.train()

    def training_step(self, batch: dict[str, Tensor], batch_idx: int) -> Tensor:
        """One step of the discriminator, and one of the generator on the same codes."""
        module, (of_recogniser, of_generator) = self.module, self.optimizers()
        cells = module._get_inference_input(batch)
        x, covariates = cells["x"], cells["covariates"]
        codes = module.draw_latents(torch.randint(module.n_categories, (len(x),), device=x.device))
        c, s = codes["c"][0], codes["s"][0]
        generated = module.projection(module.generate_like(x, covariates, codes))

        real = module.encoder.judge(module.encoder.look(module.projection(x), covariates))
        seen = module.encoder.look(generated.detach(), covariates)
        information = module.information(seen, c, s).mean()
        judged = discriminator_loss(real, module.encoder.judge(seen))
        self._step(of_recogniser, judged - self.information_weight * information)

        seen = module.encoder.look(generated, covariates)
        information = module.information(seen, c, s).mean()
        fooled = generator_loss(module.encoder.judge(seen))
        self._step(of_generator, fooled - self.information_weight * information)

        terms = {"discriminator_loss": judged, "generator_loss": fooled, "information": information}
        terms = {name: term.detach() for name, term in terms.items()}
        self.log_dict(terms, on_step=False, on_epoch=True, batch_size=len(x))
        loss = (judged + fooled - self.information_weight * information).detach()
        self.log("train_loss", loss, prog_bar=True, on_step=False, on_epoch=True, batch_size=len(x))
        return loss

    def on_train_epoch_end(self) -> None:
        """Stop with a reason when the loss is lost."""
        super().on_train_epoch_end()
        loss = self.trainer.callback_metrics["train_loss"]
        if not loss.isfinite():
            raise FloatingPointError(
                f"The loss is {loss:.0f} after epoch {self.current_epoch + 1}; the model is as it was before. Look for "
                "extreme values in the data, or train with smaller rates: plan_kwargs={'lr': …, 'lr_generator': …}."
            )

    def _step(self, optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad()
        self.manual_backward(loss)
        optimiser.step()
