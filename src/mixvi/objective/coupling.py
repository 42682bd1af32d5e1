"""What makes the arms agree: the pair term of the coupled bound, over all pairs of arms without a pair loop.

A coupling takes ``log_q`` of shape ``(arms, cells, categories)`` and returns the sum over the ``A(A−1)/2`` pairs of
arms, averaged over the cells. It is minimised. :data:`COUPLINGS` names them for the user, and
:data:`MODALITY_COUPLINGS` those for arms that see different modalities.

There, a cell may lack some modalities: with a ``mask`` of shape ``(arms, cells)``, 1 where the arm
sees the cell and 0 where not, only pairs of arms that both see a cell count.
"""

import math

import torch
from torch import Tensor

from mixvi.objective.divergence import entropy, shares_divergence
from mixvi.objective.simplex import pairwise_squared_distance, perturb


def aitchison_coupling(log_q: Tensor, weight: float = 1.0, mask: Tensor | None = None) -> Tensor:
    """Pair term of Eq. 7: ``Σ_{a<b} λ d_σ²(c_a, c_b) − H(c_a|x_a) − H(c_b|x_b)``.

    The divergence of supplement Eq. 44 for the joint prior ``p(c_a, c_b) ∝ exp(−λ d²)``, up to its constant, with the
    perturbed distance ``d_σ`` of section 3.3. Each arm is in ``A − 1`` pairs, hence the factor of the entropies.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    weight
        ``λ``, the coupling hyper-parameter; the paper uses 1.
    mask
        Which arms see which cells, shape ``(arms, cells)``; if None, all.

    Returns
    -------
    Scalar tensor.
    """
    distance = pairwise_squared_distance(perturb(log_q, mask), mask)  # (cells,)
    seen = _everything(log_q) if mask is None else mask
    confidence = (seen.sum(0) - 1) * (seen * entropy(log_q)).sum(0)  # (cells,)
    return (weight * distance - confidence).mean()


def cross_entropy_of_pairs(log_q: Tensor, mask: Tensor | None = None) -> Tensor:
    """Cross-entropy between the arms' posteriors, ``Σ_{a<b} ½ [H(q_a, q_b) + H(q_b, q_a)]``.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    mask
        Which arms see which cells, shape ``(arms, cells)``; if None, all.

    Returns
    -------
    Sums in nats, shape ``(cells,)``.
    """
    q = log_q.exp()
    if mask is not None:
        q, log_q = mask[..., None] * q, mask[..., None] * log_q
    all_ordered = (q.sum(0) * log_q.sum(0)).sum(-1)  # Σ_a Σ_b q_a · log q_b
    same_arm = (q * log_q).sum((0, -1))
    return -0.5 * (all_ordered - same_arm)


def mutual_information_coupling(
    log_q: Tensor, weight: float = 1.0, marginal_weight: float = 1.0, mask: Tensor | None = None
) -> Tensor:
    """Consensus as the information that the arms share about a cell.

    ``λ Σ_{a<b} E_x[H(q_a, q_b)] − λ w A(A−1)/2 · H(E_x[q̄])``: the arms' posteriors must be confident and equal, while
    the categories together stay in use. With ``marginal_weight`` ``w = 1`` and equal arms this is minus the mutual
    information of cell and category; a larger ``w`` pulls towards categories of equal size, 0 permits collapse.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    weight
        ``λ``, in units of the likelihood (nats of a whole cell per nat of the category).
    marginal_weight
        ``w``, weight of the entropy of the batch-average category.
    mask
        Which arms see which cells, shape ``(arms, cells)``; if None, all.

    Returns
    -------
    Scalar tensor.
    """
    average, n_pairs = _average_category(log_q, mask)
    marginal = entropy(average.clamp_min(1e-12).log())
    return weight * (cross_entropy_of_pairs(log_q, mask).mean() - marginal_weight * n_pairs * marginal)


def consensus_coupling(
    log_q: Tensor,
    shares: Tensor | None = None,
    weight: float = 1.0,
    shares_weight: float = 1.0,
    mask: Tensor | None = None,
) -> Tensor:
    """Consensus that neither collapses nor equalises: the arms agree, and categories keep their share of the cells.

    ``λ Σ_{a<b} E_x[H(q_a, q_b)] + λ w A(A−1)/2 · D_KL(π ‖ E_x[q̄])``, where ``π`` is the share of each category at the
    start. The reward for balanced categories of :func:`mutual_information_coupling` cuts large types in two; a
    divergence from given shares has no gradient at these, and grows without bound when a category is given up.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    shares
        ``π``, shape ``(categories,)``; if None, all equal.
    weight
        ``λ``, in units of the likelihood (nats of a whole cell per nat of the category).
    shares_weight
        ``w``, how strongly the shares are held.
    mask
        Which arms see which cells, shape ``(arms, cells)``; if None, all.

    Returns
    -------
    Scalar tensor.
    """
    average, n_pairs = _average_category(log_q, mask)
    shares = torch.full_like(average, 1 / len(average)) if shares is None else shares
    divergence = shares_divergence(average, shares)
    return weight * (cross_entropy_of_pairs(log_q, mask).mean() + shares_weight * n_pairs * divergence)


def joint_coupling(
    log_q: Tensor,
    shares: Tensor | None = None,
    weight: float = 1.0,
    shares_weight: float = 1.0,
    mask: Tensor | None = None,
    copies: int = 1,
) -> Tensor:
    """Consensus of modalities that know different things: each arm predicts the category that all together give.

    ``λ A(A−1)/2 · [E_x H(p) + w D_KL(π ‖ E_x[p])] + λ (A−1)/2 · E_x Σ_a D_KL(p ‖ q_a)``, where ``p ∝ π Π_m q_m/π`` is
    the joint posterior of modalities that are independent given the category (section 3.1 with the prior of Eq. 3), and
    a target without gradient in the last term.

    Where an arm cannot tell two categories apart, the cross-entropy of pairs draws the arms that can to its own
    indifference. Here it learns how probable they are, and leaves ``p`` to the others: modalities need not separate the
    same types. ``p`` is made certain, and its categories keep their shares.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    shares, weight, shares_weight
        ``π``, ``λ`` and ``w``, as in :func:`consensus_coupling`.
    mask
        Which arms see which cells, shape ``(arms, cells)``; if None, all.
    copies
        Arms of each modality. They look at the same, so ``q_m`` is their geometric mean.

    Returns
    -------
    Scalar tensor.
    """
    mask = _everything(log_q) if mask is None else mask
    n_arms = mask.sum(0)  # (cells,)
    n_pairs = (n_arms * (n_arms - 1) / 2).mean()
    shares = log_q.new_full(log_q.shape[-1:], 1 / log_q.shape[-1]) if shares is None else shares.clamp_min(1e-8)
    evidence = (mask[..., None] * log_q).sum(0) / copies
    joint = (evidence - (n_arms / copies - 1)[:, None] * shares.log()).log_softmax(-1)  # (cells, categories)
    target = joint.detach()
    surprise = (mask * (target.exp() * (target - log_q)).sum(-1)).sum(0)  # (cells,)
    log_average = joint.logsumexp(0) - math.log(len(joint))  # a category without cells still has a gradient
    divergence = (shares * (shares.log() - log_average)).sum()
    certain = entropy(joint).mean() + shares_weight * divergence
    return weight * (n_pairs * certain + ((n_arms - 1) / 2 * surprise).mean())


def _everything(log_q: Tensor) -> Tensor:
    """The mask of arms that see all cells, ``(arms, cells)``."""
    return log_q.new_ones(log_q.shape[:2])


def _average_category(log_q: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Average of the posteriors, ``(categories,)``, and mean number of pairs of arms that see a cell."""
    mask = _everything(log_q) if mask is None else mask
    average = (mask[..., None] * log_q.exp()).sum((0, 1)) / mask.sum()
    n_arms = mask.sum(0)
    return average, (n_arms * (n_arms - 1) / 2).mean()


COUPLINGS = {
    "aitchison": aitchison_coupling,
    "mutual_information": mutual_information_coupling,
    "consensus": consensus_coupling,
}

MODALITY_COUPLINGS = COUPLINGS | {"joint": joint_coupling}
