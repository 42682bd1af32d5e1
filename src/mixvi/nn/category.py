"""Sampling the categorical variable."""

import torch.nn.functional as F
from torch import Tensor


def sample_category(log_q: Tensor, temperature: float, hard: bool) -> Tensor:
    """Draw ``c ~ q(c|x)`` by the Gumbel-softmax (Jang et al. 2016).

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(..., categories)``.
    temperature
        The Gumbel temperature ``τ``: the model's only temperature. Towards 0 samples become one-hot.
    hard
        Return exact one-hot samples, with the gradient of the relaxed ones (straight-through).

    Returns
    -------
    Samples on the simplex, shape ``(..., categories)``.
    """
    return F.gumbel_softmax(log_q, tau=temperature, hard=hard)
