"""Cells that are alike belong to one category, cells that are not belong to different ones (Eq. 7)."""

from torch import Tensor

WRONG = 0.05  # share of pairs that the similarity is wrong about


def same_category(p: Tensor, wrong: float = WRONG) -> Tensor:
    """Probability that two cells are said to be alike: ``ε + (1 − 2ε) (P Pᵀ)_ij``.

    ``P Pᵀ`` is the probability that they are of one category. A graph of neighbours errs here and there, above all
    between categories that touch; with a share ``ε`` of wrong pairs no single one can force two categories into one.

    Parameters
    ----------
    p
        ``p_ik``, shape ``(cells, categories)``.
    wrong
        ``ε``.

    Returns
    -------
    Shape ``(cells, cells)``, from ``ε`` to ``1 − ε``.
    """
    return wrong + (1 - 2 * wrong) * (p @ p.T).clamp(0, 1)


def similarity_loss(p: Tensor, target: Tensor, informative: Tensor, apart_weight: float = 1.0) -> Tensor:
    """Binary cross-entropy of ``P Pᵀ`` and the similarity ``S`` (Eq. 7, with the term of the zeros that it means).

    ``−E_S[log a_ij] − w E_{1−S}[log(1 − a_ij)]`` over the informative pairs, with ``a`` from :func:`same_category`:
    linked pairs and the others are averaged separately, for a graph of neighbours has few links. ``w`` acts as the
    resolution of a clustering does: what is linked less than expected is cut.

    Parameters
    ----------
    p
        ``p_ik``, shape ``(cells, categories)``.
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
    alike, linked, unlinked = same_category(p), target * informative, (1 - target) * informative
    together = _average(alike.log(), linked)
    return -together - apart_weight * _average((1 - alike).log(), unlinked)


def _average(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted average, 0 if there is no weight."""
    return (weight * values).sum() / weight.sum().clamp_min(1e-12)
