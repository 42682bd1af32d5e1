"""What the learned augmenter is trained for (supplement F).

``x`` is a cell, ``x_n`` its copy made with noise ``n``, ``x_∖n`` the one made without; ``z`` is the generator's latent.
"""

import torch.nn.functional as F
from torch import Tensor


def adversarial_value(cell: Tensor, noise_free: Tensor, noisy: Tensor) -> Tensor:
    """``V(D, G)``, which the discriminator maximises (Eq. 71).

    Parameters
    ----------
    cell, noise_free, noisy
        The discriminator's logits of ``x``, ``x_∖n`` and ``x_n``, shape ``(cells,)``; above 0 means "a real cell".

    Returns
    -------
    ``E log D(x) + E log(1 − D(x_∖n)) + E log(1 − D(x_n))``, at most 0.
    """
    return F.logsigmoid(cell).mean() + F.logsigmoid(-noise_free).mean() + F.logsigmoid(-noisy).mean()


def generator_adversarial_loss(noise_free: Tensor, noisy: Tensor) -> Tensor:
    """The generator's part of Eq. 71 in its non-saturating form (Goodfellow et al. 2014, section 3).

    Minimising ``log(1 − D)`` has no gradient while the discriminator is sure; ``−log D`` has, and the same optimum.

    Parameters
    ----------
    noise_free, noisy
        As in :func:`adversarial_value`.

    Returns
    -------
    ``−E log D(x_∖n) − E log D(x_n)``, at least 0.
    """
    return -F.logsigmoid(noise_free).mean() - F.logsigmoid(noisy).mean()


def triplet_loss(cell: Tensor, noise_free: Tensor, noisy: Tensor, margin: float | Tensor) -> Tensor:
    """``T_α``: the noisy copy is to be farther from the cell than the noise-free one by ``α``, and no more (Eq. 73).

    The papers' ``max(…, 0)`` lets the noise lead any further; the absolute value holds it there. Distances are squared,
    so that the margin is the squared length of the step that the noise makes.

    Parameters
    ----------
    cell, noise_free, noisy
        ``x``, ``x_∖n`` and ``x_n``, shape ``(..., features)``.
    margin
        ``α``, in squared units of the features, one for all or one a cell.

    Returns
    -------
    ``|‖x − x_∖n‖² − ‖x − x_n‖² + α|``, shape ``(...)``.
    """
    nearer, farther = (cell - noise_free).square().sum(-1), (cell - noisy).square().sum(-1)
    return (nearer - farther + margin).abs()


def latent_divergence(mean: Tensor, log_var: Tensor, noisy_mean: Tensor, noisy_log_var: Tensor) -> Tensor:
    """``d(G) = D_KL(q(z|x) ‖ q(z|x,n))`` of factorised Gaussians: noise must not lead far away (Eq. 74).

    Parameters
    ----------
    mean, log_var
        Of ``q(z|x)``, shape ``(..., latents)``.
    noisy_mean, noisy_log_var
        Of ``q(z|x,n)``, same shape.

    Returns
    -------
    Divergences in nats, shape ``(...)``.
    """
    spread = (log_var - noisy_log_var).exp()
    shift = (mean - noisy_mean).square() * (-noisy_log_var).exp()
    return 0.5 * (spread + shift - 1 + noisy_log_var - log_var).sum(-1)


def augmenter_loss(
    adversarial: Tensor,
    log_prob: Tensor,
    triplet: Tensor,
    divergence: Tensor,
    divergence_weight: float,
    triplet_weight: float,
) -> Tensor:
    """What the generator minimises: Eq. 70.

    Parameters
    ----------
    adversarial
        Its part of Eq. 71, from :func:`generator_adversarial_loss`.
    log_prob
        ``log p(x|z)`` of each cell, less what its latent costs; its mean is ``R(G)`` of Eq. 72. Shape ``(cells,)``.
    triplet, divergence
        ``T_α(G)`` (Eq. 73) and ``d(G)`` (Eq. 74) of each cell, shape ``(cells,)``.
    divergence_weight
        ``γ``, far below 1.
    triplet_weight
        Weight of the triplet, which is in squared units of its features; the papers' is 1.

    Returns
    -------
    The loss per cell, a scalar.
    """
    return adversarial - log_prob.mean() + triplet_weight * triplet.mean() + divergence_weight * divergence.mean()
