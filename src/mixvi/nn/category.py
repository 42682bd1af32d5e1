"""Sampling the categorical variable."""

import torch
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
    uniform = torch.rand_like(log_q).clamp_min(torch.finfo(log_q.dtype).tiny)  # exponential numbers take longer
    c = ((log_q - (-uniform.log()).log()) / temperature).softmax(-1)
    if not hard:
        return c
    return F.one_hot(c.argmax(-1), c.shape[-1]) - c.detach() + c
