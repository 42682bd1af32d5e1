"""Categories that noise does not change: the loss of DEPICT (Dizaji et al. 2017; Eq. 8-9)."""

import torch
from torch import Tensor


@torch.no_grad()
def depict_target(log_p: Tensor) -> Tensor:
    """Targets ``q_ik ∝ p_ik / (Σ_i' p_i'k)^½``, normalised over the categories (Eq. 9); they carry no gradient.

    Parameters
    ----------
    log_p
        ``log p_ik`` without noise, shape ``(cells, categories)``.

    Returns
    -------
    ``q_ik``, same shape; rows sum to one.
    """
    return (log_p - 0.5 * log_p.logsumexp(0)).softmax(-1)


def depict_loss(log_p: Tensor, noisy_log_p: Tensor) -> Tensor:
    """Cross-entropy ``−1/N Σ_i Σ_k q_ik log p̂_ik`` of the targets and the noisy probabilities (Eq. 8).

    Parameters
    ----------
    log_p
        ``log p_ik`` without noise, shape ``(cells, categories)``.
    noisy_log_p
        ``log p̂_ik`` with noise, same shape: the only one with a gradient.

    Returns
    -------
    Scalar, in nats.
    """
    return -(depict_target(log_p) * noisy_log_p).sum(-1).mean()
