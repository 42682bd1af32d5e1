"""Coupled mixture VAEs of several modalities: every modality has arms of its own, which share the category alone."""

from functools import partial

import torch
from scvi import REGISTRY_KEYS
from scvi.module.base import BaseModuleClass, LossOutput, auto_move_data
from torch import Tensor, nn

from mixvi.augment import Augmenter
from mixvi.module.covariates import Covariates
from mixvi.module.cpl_mixvae import CplMixVAE
from mixvi.nn import HEADS, cells_with_values, follow_others
from mixvi.objective import MODALITY_COUPLINGS, coupled_bound, state_kl


def modality_key(name: str) -> str:
    """Where a loader puts the values of a modality.

    Parameters
    ----------
    name
        Name of the modality.

    Returns
    -------
    The key.
    """
    return f"{REGISTRY_KEYS.X_KEY}_{name}"


class MultimodalCplMixVAE(BaseModuleClass):
    """A :class:`CplMixVAE` of one or more arms for each modality, coupled by the category, never by the state.

    A cell that lacks a modality is a row of zeros there. It takes no part in that modality's reconstruction, in its
    state's divergence, or in the pairs of its arms with others.

    Parameters
    ----------
    n_input
        Features of each modality; at least two modalities.
    n_categories
        Categories ``K``, the same for all.
    n_arms
        Arms of each modality. With two or more they see different copies of a cell.
    likelihood, augmenter, n_components
        Of each modality, as in :class:`CplMixVAE`.
    coupling, coupling_kwargs
        Name and arguments of the pair term, see ``mixvi.objective.MODALITY_COUPLINGS``.
    **part_kwargs
        Other arguments of :class:`CplMixVAE`, the same for all modalities.
    """

    def __init__(
        self,
        n_input: dict[str, int],
        *,
        n_categories: int,
        n_arms: int,
        likelihood: dict[str, str],
        augmenter: dict[str, str | Augmenter],
        n_components: dict[str, int],
        coupling: str,
        coupling_kwargs: dict | None = None,
        **part_kwargs,
    ):
        super().__init__()
        self.names, self.arms_each, self.n_arms = list(n_input), n_arms, n_arms * len(n_input)
        self.n_categories = n_categories
        copies = {"copies": n_arms} if coupling == "joint" else {}
        self.coupling = partial(MODALITY_COUPLINGS[coupling], **copies, **(coupling_kwargs or {}))
        self.holds_shares = coupling in ("consensus", "joint")
        self.register_buffer("shares", torch.full((n_categories,), 1 / n_categories))
        self.parts = nn.ModuleList(
            CplMixVAE(
                n_input[name],
                n_categories=n_categories,
                n_arms=n_arms,
                likelihood=likelihood[name],
                augmenter=augmenter[name],
                n_components=n_components[name],
                **part_kwargs,
            )
            for name in self.names
        )

    @property
    def covariates(self) -> Covariates:
        """Batches and covariates, the same for all modalities."""
        return self.parts[0].covariates

    def part(self, name: str) -> CplMixVAE:
        """The arms of a modality."""
        return self.parts[self.names.index(name)]

    def arms_of(self, name: str) -> slice:
        """Where the arms of a modality are among all arms."""
        first = self.arms_each * self.names.index(name)
        return slice(first, first + self.arms_each)

    def fit_to(self, x: dict[str, Tensor], seed: int = 0) -> None:
        """Adapt everything that is estimated rather than learned to a sample of cells, those that have a modality."""
        for name, part in zip(self.names, self.parts, strict=True):
            part.fit_to(x[name][cells_with_values(x[name])], seed)

    def keep_categories(self, index: Tensor) -> None:
        """Drop all categories but ``index`` for good: they are not computed any more."""
        for part in self.parts:
            part.keep_categories(index)
        self.shares = self.shares[index] / self.shares[index].sum()
        self.n_categories = len(index)

    def projection(self, x: dict[str, Tensor]) -> Tensor:
        """All modalities' projections side by side, ``(cells, components)``; zero, the average, where one lacks."""
        return torch.cat(
            [
                part.projection(x[name]) * cells_with_values(x[name])[:, None]
                for name, part in zip(self.names, self.parts, strict=True)
            ],
            -1,
        )

    # -- the batch of cells, and what it becomes ------------------------------------------------------------------

    def _get_inference_input(self, tensors: dict[str, Tensor], full_forward_pass: bool = False) -> dict:
        inputs = {
            name: part._get_inference_input(tensors | {REGISTRY_KEYS.X_KEY: tensors[modality_key(name)]})
            for name, part in zip(self.names, self.parts, strict=True)
        }
        return {
            "x": {name: values["x"] for name, values in inputs.items()},
            "covariates": inputs[self.names[0]]["covariates"],
        }

    def _get_generative_input(self, tensors: dict[str, Tensor], inference_outputs: dict) -> dict:
        return {
            "parts": inference_outputs["parts"],
            "covariates": self.parts[0]._get_generative_input(tensors, inference_outputs["parts"][0])["covariates"],
        }

    def seen_by_arms(self, x: dict[str, Tensor]) -> Tensor:
        """Which arms see which cells, boolean, ``(arms, cells)``."""
        return torch.stack([cells_with_values(x[name]) for name in self.names]).repeat_interleave(self.arms_each, 0)

    @auto_move_data
    def encode_cells(self, x: dict[str, Tensor], covariates: Tensor) -> tuple[Tensor, Tensor]:
        """Summary ``(arms, cells, n_bottleneck)`` and ``log q(c|x)`` ``(arms, cells, categories)`` of the cells.

        Of a modality that a cell lacks, the summary is NaN, and the arms follow those of the others.
        """
        h, log_q = zip(
            *(part.encode_cells(x[name], covariates) for name, part in zip(self.names, self.parts, strict=True)),
            strict=True,
        )
        present = self.seen_by_arms(x)
        h = torch.cat(h).masked_fill(~present[..., None], torch.nan)
        return h, follow_others(torch.cat(log_q), present)

    @auto_move_data
    def inference(self, x: dict[str, Tensor], covariates: Tensor) -> dict:
        """Sample types and states in all arms: those of :meth:`CplMixVAE.inference` by modality (``parts``).

        For all arms together, which of them see which cells (``present``), ``log_q``, and ``state_mean``, which is zero
        where an arm does not see a cell.
        """
        parts = [part.inference(x[name], covariates) for name, part in zip(self.names, self.parts, strict=True)]
        present = self.seen_by_arms(x)
        log_q = follow_others(torch.cat([part["log_q"] for part in parts]), present)
        mean = torch.cat([part["state_mean"] for part in parts]) * present[..., None]
        return {"parts": parts, "present": present, "log_q": log_q, "state_mean": mean}

    @auto_move_data
    def generative(self, parts: list[dict[str, Tensor]], covariates: Tensor) -> dict:
        """Decode each modality to its likelihood head's input, ``(arms, cells, n_hidden)``."""
        return {
            "h": [
                part.generative(outputs["c"], outputs["s"], covariates)["h"]
                for part, outputs in zip(self.parts, parts, strict=True)
            ]
        }

    def couple(self, log_q: Tensor, mask: Tensor) -> Tensor:
        """The pair term of ``log_q`` (arms, cells, categories), where the ``mask`` (arms, cells) is 1."""
        return self.coupling(log_q, self.shares, mask=mask) if self.holds_shares else self.coupling(log_q, mask=mask)

    def loss(
        self, tensors: dict[str, Tensor], inference_outputs: dict, generative_outputs: dict, kl_weight: float = 1.0
    ) -> LossOutput:
        """Eq. 6 with the chosen pair term, over the modalities that the cells have; per arm, in nats."""
        parts, log_q = inference_outputs["parts"], inference_outputs["log_q"]
        mask = inference_outputs["present"].float()
        reconstruction = mask * torch.cat(
            [
                -part.head.log_prob(h, outputs["target"].expand(self.arms_each, -1, -1))
                for part, h, outputs in zip(self.parts, generative_outputs["h"], parts, strict=True)
            ]
        )
        kl_state = mask * torch.cat([state_kl(outputs["state_mean"], outputs["state_log_var"]) for outputs in parts])
        coupling = self.couple(log_q, mask)
        loss = coupled_bound(reconstruction, kl_weight * kl_state, coupling) / (self.n_arms * (self.n_arms - 1))
        assigned, n_arms = log_q.argmax(-1), mask.sum(0)
        return LossOutput(
            loss=loss,
            reconstruction_loss=reconstruction.sum(0) / n_arms,
            kl_local={"state": kl_state.sum(0) / n_arms},
            extra_metrics={
                "coupling": coupling.detach(),
                "agreement": (assigned == assigned[:1]).all(0).float().mean(),
            },
        )

    # -- from one modality to another -----------------------------------------------------------------------------

    @auto_move_data
    def expected(self, name: str, covariates: Tensor, size: Tensor, n_samples: int) -> Tensor:
        """``E[x|c]`` of a modality for every category: states are drawn from their prior, and averaged over.

        Parameters
        ----------
        name
            The modality.
        covariates
            Of one cell, shape ``(n_covariates,)``.
        size
            Library size of expected counts, a scalar; other values do not depend on it.
        n_samples
            States.

        Returns
        -------
        Averages over states and arms, shape ``(categories, features)``.
        """
        part, n_arms = self.part(name), self.arms_each
        c = torch.eye(self.n_categories, device=covariates.device).repeat_interleave(n_samples, 0)
        s = torch.randn(n_arms, n_samples, part.n_state, device=covariates.device).repeat(1, self.n_categories, 1)
        h = part.generative(c.expand(n_arms, -1, -1), s, covariates.expand(len(c), -1))["h"]
        values = expected_values(part.head, h, size)  # (arms, categories · samples, features)
        return values.unflatten(1, (self.n_categories, n_samples)).mean((0, 2))


def expected_values(head: nn.Module, h: Tensor, size: Tensor) -> Tensor:
    """Mean of a likelihood head.

    Parameters
    ----------
    head
        One of ``mixvi.nn.HEADS``.
    h
        Its input, shape ``(arms, cells, n_hidden)``.
    size
        Library size of counts, a scalar.

    Returns
    -------
    Means, shape ``(arms, cells, features)``.
    """
    mean = head.mean(h, size)
    return mean * (-head.dropout(h)).sigmoid() if isinstance(head, HEADS["zinb"]) else mean
