"""Cells that are alike belong to one category, cells that are not belong to different ones (Eq. 7)."""

import torch
from torch import Tensor

ROUNDING = 1e-4  # how sure two cells of one category may be of it; keeps the cost of an unlinked pair finite


def shared_category(log_p: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Log-probability that two cells are of one category, ``log (P Pᵀ)_ij``, for some pairs.

    Parameters
    ----------
    log_p
        ``log p_ik``, shape ``(cells, categories)``.
    rows, columns
        Positions ``i`` and ``j`` of the cells of each pair, shape ``(pairs,)``.

    Returns
    -------
    Shape ``(pairs,)``; finite also where the cells are sure of different categories.
    """
    return (log_p[rows] + log_p[columns]).logsumexp(-1)


def similarity_loss(log_p: Tensor, target: Tensor, informative: Tensor, apart_weight: float = 1.0) -> Tensor:
    """Binary cross-entropy of ``P Pᵀ`` and the similarity ``S`` (Eq. 7, with the term of the zeros that it means).

    ``−E_S[log (P Pᵀ)_ij] − w E_{1−S}[log(1 − (P Pᵀ)_ij)]`` over the informative pairs: linked pairs and the others are
    averaged separately, for a graph of neighbours has few links. Without labels ``w`` acts as the resolution of a
    clustering does: what is linked less than expected is cut.

    Parameters
    ----------
    log_p
        ``log p_ik``, shape ``(cells, categories)``.
    target
        ``S``, in [0, 1], shape ``(cells, cells)``.
    informative
        Which pairs count, boolean, same shape; the diagonal never should.
    apart_weight
        ``w``, weight of the pairs that are not alike.

    Returns
    -------
    Scalar, in nats of a pair; 0 if no pair counts.
    """
    weight = target * informative
    rows, columns = weight.nonzero(as_tuple=True)
    linked = weight[rows, columns]
    together = -(linked * shared_category(log_p, rows, columns)).sum() / linked.sum().clamp_min(1e-12)
    if apart_weight == 0:
        return together
    p = log_p.exp()
    unlinked = (1 - target) * informative
    differ = torch.log1p(-(1 - ROUNDING) * (p @ p.T).clamp(0, 1))
    return together - apart_weight * (unlinked * differ).sum() / unlinked.sum().clamp_min(1e-12)
