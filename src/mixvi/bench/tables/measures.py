"""What is measured on a trained model, in the papers' units."""

import numpy as np
import torch
from scvi.model.base import BaseModelClass
from sklearn.mixture import GaussianMixture

from mixvi.bench.data import Cells
from mixvi.images import shape_of_images
from mixvi.metrics import (
    category_divergence,
    disentanglement_score,
    generation_accuracy,
    matched_accuracy,
    posterior_log_ratio,
)
from mixvi.model import InfoGANVI, VaDEVI

TITLES = {
    "accuracy": "ACC (%)",
    "nmi": "NMI",
    "f_measure": "F-measure",
    "types": "types",
    "divergence": "D_KL(q(c)‖p(c)) (nats/100)",
    "disentanglement": "DS (%)",
    "reconstruction": "L_rec",
    "log_ratio": "log-ratio",
    "state_mixture": "ACC of a mixture of states (%)",
    "generation": "generated as requested (%)",
    "draws": "draws for one above .999",
    "speed": "steps/s",
}
DIGITS = {"nmi": 3, "f_measure": 3, "reconstruction": 3, "speed": 1, "types": 1, "draws": 1}  # others have 2
MIXTURE_CELLS = 20_000  # that a mixture is fitted to
GENERATED = 200  # of each type
FACTORS = ("scale", "orientation", "x", "y")  # of sprites, beside the label


def measured(model: BaseModelClass, cells: Cells, seed: int) -> dict[str, float]:
    """All that can be measured on a model.

    Parameters
    ----------
    model
        A trained model of :mod:`mixvi`.
    cells
        The cells that it was trained on, and their labels.
    seed
        Seed of what is drawn.

    Returns
    -------
    Values by the names of :data:`TITLES`; without those that the scores of the types give, and the speed.
    """
    probabilities = category_probabilities(model)
    known = cells.labels.notna().to_numpy()
    labels = cells.labels[known].astype(str).to_numpy()
    values = {
        "accuracy": 100 * np.mean([matched_accuracy(labels, p.argmax(1)[known].astype(str)) for p in probabilities]),
        "divergence": 100 * np.mean([category_divergence(p) for p in probabilities]),
        "log_ratio": posterior_log_ratio(probabilities[0]),
    }
    if hasattr(model, "get_elbo") and not isinstance(model, InfoGANVI):
        values["reconstruction"] = reconstruction_of_a_value(model)
    if hasattr(model, "get_states"):
        states = model.get_states()
        values["state_mixture"] = 100 * state_mixture_accuracy(states[known], labels, seed)
        if set(FACTORS) <= set(cells.adata.obs):
            values["disentanglement"] = 100 * disentanglement(model, cells, seed)
    if hasattr(model, "generate") and shape_of_images(model.adata):
        values |= generation(model)
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def category_probabilities(model: BaseModelClass) -> np.ndarray:
    """``q(c|x)`` of every category of the module, also of those that hold no cell.

    Parameters
    ----------
    model
        A trained model.

    Returns
    -------
    Shape ``(arms, cells, categories)``.
    """
    (log_q,) = model._run(None, None, lambda _, log_q: (log_q.movedim(0, 1),))  # (cells, arms, categories)
    return log_q.double().softmax(-1).movedim(1, 0).numpy()


def reconstruction_of_a_value(model: BaseModelClass) -> float:
    """``−log p(x|s,c)`` at sampled type and state, in nats of a gene or pixel: the papers' ``L_rec``."""
    return float(model.get_reconstruction_error()["reconstruction_loss"]) / len(model.genes_)


def state_mixture_accuracy(states: np.ndarray, labels: np.ndarray, seed: int) -> float:
    """Matched accuracy of a Gaussian mixture of the states (supplement I), with as many components as labels.

    Parameters
    ----------
    states
        Shape ``(cells, n_state)``.
    labels
        Of the same cells.
    seed
        Seed of the mixture, which is fitted to at most 20,000 cells.

    Returns
    -------
    The accuracy.

    Examples
    --------
    >>> state_mixture_accuracy(np.repeat([[0.0], [9.0]], 20, 0), np.repeat(["a", "b"], 20), 0)
    1.0
    """
    some = np.random.default_rng(seed).permutation(len(states))[:MIXTURE_CELLS]
    mixture = GaussianMixture(len(np.unique(labels)), reg_covar=1e-4, random_state=seed).fit(states[some])
    return matched_accuracy(labels, mixture.predict(states).astype(str))


def disentanglement(model: BaseModelClass, cells: Cells, seed: int) -> float:
    """:func:`~mixvi.metrics.disentanglement_score` of sprites, whose factors are known; the mean over arms."""
    factors = np.column_stack([cells.labels.astype("category").cat.codes, cells.adata.obs[list(FACTORS)]])
    kinds = model.get_cell_types().astype(int).to_numpy()
    scores = []
    for arm in range(model.module.n_arms):
        states, divergences = model.get_states(arm=arm), model.get_state_divergences(arm=arm)
        scores.append(disentanglement_score(states, divergences, kinds, factors, seed=seed))
    return float(np.mean(scores))


def generation(model: BaseModelClass) -> dict[str, float]:
    """Whether the model takes what it generates for what was requested, and what a sure one costs.

    Parameters
    ----------
    model
        A model that generates. VaDE's draws are rejected below a threshold of the posterior, others never.

    Returns
    -------
    ``generation``, in per cent, the mean over the thresholds of :func:`~mixvi.metrics.generation_accuracy`, and
    ``draws`` needed for one above the highest.
    """
    rejects = isinstance(model, VaDEVI)
    prefix, requested, judged, posterior = model._key_prefix, [], [], []
    for name in model.type_names:
        made = model.generate(name, GENERATED, **{"threshold": 0.0} if rejects else {})
        requested += [name] * GENERATED
        judged += made.obs[f"{prefix}_type"].tolist()
        posterior.append(_posterior(model, name, made.obsm[f"X_{prefix}_state"]) if rejects else np.ones(GENERATED))
    table = generation_accuracy(requested, judged, np.concatenate(posterior).clip(0, 1))
    return {"generation": 100 * table["accuracy"].mean(), "draws": table["draws"].iloc[-1]}


@torch.inference_mode()
def _posterior(model: VaDEVI, name: str, states: np.ndarray) -> np.ndarray:
    """``p(c|z)`` of the requested type, at the latents that states stand for; ``(cells,)``."""
    encoder, category = model.module.encoder, int(model.type_order_[int(name)])
    s = torch.as_tensor(states, device=model.module.device)
    c = torch.nn.functional.one_hot(torch.full((len(s),), category), model.module.n_categories).to(s)
    return encoder.category_of(encoder.to_latent(s, c))[:, category].exp().cpu().numpy()
