"""What makes the arms agree: the pair term of the coupled bound, over all pairs of arms without a pair loop.

A coupling takes ``log_q`` of shape ``(arms, cells, categories)`` and returns the sum over the ``A(A−1)/2`` pairs of
arms, averaged over the cells. It is minimised. :data:`COUPLINGS` names them for the user.
"""

import torch
from torch import Tensor

from mixvi.objective.divergence import entropy, shares_divergence
from mixvi.objective.simplex import pairwise_squared_distance, perturb


def aitchison_coupling(log_q: Tensor, weight: float = 1.0) -> Tensor:
    """Pair term of Eq. 7: ``Σ_{a<b} λ d_σ²(c_a, c_b) − H(c_a|x_a) − H(c_b|x_b)``.

    The divergence of supplement Eq. 44 for the joint prior ``p(c_a, c_b) ∝ exp(−λ d²)``, up to its constant, with the
    perturbed distance ``d_σ`` of section 3.3. Each arm is in ``A − 1`` pairs, hence the factor of the entropies.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.
    weight
        ``λ``, the coupling hyper-parameter; the paper uses 1.

    Returns
    -------
    Scalar tensor.
    """
    distance = pairwise_squared_distance(perturb(log_q))  # (cells,)
    confidence = (len(log_q) - 1) * entropy(log_q).sum(0)  # (cells,)
    return (weight * distance - confidence).mean()


def cross_entropy_of_pairs(log_q: Tensor) -> Tensor:
    """Cross-entropy between the arms' posteriors, ``Σ_{a<b} ½ [H(q_a, q_b) + H(q_b, q_a)]``.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.

    Returns
    -------
    Sums in nats, shape ``(cells,)``.
    """
    q = log_q.exp()
    all_ordered = (q.sum(0) * log_q.sum(0)).sum(-1)  # Σ_a Σ_b q_a · log q_b
    same_arm = (q * log_q).sum((0, -1))
    return -0.5 * (all_ordered - same_arm)


def mutual_information_coupling(log_q: Tensor, weight: float = 1.0, marginal_weight: float = 1.0) -> Tensor:
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

    Returns
    -------
    Scalar tensor.
    """
    n_pairs = len(log_q) * (len(log_q) - 1) / 2
    average = log_q.exp().mean((0, 1))  # (categories,)
    marginal = entropy(average.clamp_min(1e-12).log())
    return weight * (cross_entropy_of_pairs(log_q).mean() - marginal_weight * n_pairs * marginal)


def consensus_coupling(
    log_q: Tensor, shares: Tensor | None = None, weight: float = 1.0, shares_weight: float = 1.0
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

    Returns
    -------
    Scalar tensor.
    """
    n_pairs = len(log_q) * (len(log_q) - 1) / 2
    average = log_q.exp().mean((0, 1))  # (categories,)
    shares = torch.full_like(average, 1 / len(average)) if shares is None else shares
    divergence = shares_divergence(average, shares)
    return weight * (cross_entropy_of_pairs(log_q).mean() + shares_weight * n_pairs * divergence)


COUPLINGS = {
    "aitchison": aitchison_coupling,
    "mutual_information": mutual_information_coupling,
    "consensus": consensus_coupling,
}
