"""Information that an observation carries about the codes that it was generated from (Chen et al. 2016, InfoGAN)."""

import math

import torch.nn.functional as F
from torch import Tensor


def information_bound(log_q: Tensor, category: Tensor, mean: Tensor, state: Tensor) -> Tensor:
    """Lower bound of ``I(c, s; G(c, s, ε))``: ``H(c) + E log Q(c|G) + H(s) + E log Q(s|G)`` (InfoGAN, Eq. 5).

    ``c`` is uniform over the categories, ``s`` uniform on (−1, 1), and ``Q(s|x)`` a Gaussian of unit variance, as in
    the authors' experiments with digits.

    Parameters
    ----------
    log_q
        ``log Q(c|G)``, shape ``(cells, categories)``.
    category
        One-hot codes ``c``, same shape.
    mean
        Mean of ``Q(s|G)``, shape ``(cells, n_state)``.
    state
        Codes ``s``, same shape.

    Returns
    -------
    The bound of each generated cell, in nats, shape ``(cells,)``.
    """
    about_category = math.log(log_q.shape[-1]) + (log_q * category).sum(-1)
    about_state = (math.log(2) - 0.5 * math.log(2 * math.pi) - 0.5 * (state - mean).square()).sum(-1)
    return about_category + about_state


def discriminator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """``−E log D(x) − E log(1 − D(G))`` (Goodfellow et al. 2014, Eq. 1).

    Parameters
    ----------
    real, generated
        The discriminator's logits, shape ``(cells,)``; above 0 means "a real cell".

    Returns
    -------
    Scalar, at least 0.
    """
    return -F.logsigmoid(real).mean() - F.logsigmoid(-generated).mean()


def generator_loss(generated: Tensor) -> Tensor:
    """``−E log D(G)``, the non-saturating form (Goodfellow et al. 2014, section 3).

    Parameters
    ----------
    generated
        The discriminator's logits of generated cells, shape ``(cells,)``.

    Returns
    -------
    Scalar, at least 0.
    """
    return -F.logsigmoid(generated).mean()
