"""Projection of what a model expects of its cells."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mixvi.nn.heads import NegativeBinomialHead
from mixvi.nn.projection import CLIP, OVERDISPERSION, ExpressionProjection, PixelProjection

CELLS_AT_ONCE = 256  # that are decoded: cells × genes must not fill the memory


def project_expected(
    projection: ExpressionProjection | PixelProjection, head: nn.Module, h: Tensor, total: Tensor
) -> Tensor:
    """Projection of the expected values of cells, averaged over arms.

    Parameters
    ----------
    projection
        The fitted projection.
    head
        Likelihood head.
    h
        Its input, shape ``(arms, cells, n_hidden)``.
    total
        Sum of each cell's values, shape ``(cells, 1)``.

    Returns
    -------
    Shape ``(cells, n_components)``, up to rounding ``projection(head.mean(h, total)).mean(0)``.
    """
    parts = zip(h.split(CELLS_AT_ONCE, 1), total.split(CELLS_AT_ONCE), strict=True)
    if not (isinstance(projection, ExpressionProjection) and isinstance(head, NegativeBinomialHead)):
        return torch.cat([projection(head.mean(*part)).mean(0) for part in parts])
    loadings = projection.used_loadings()
    scores = torch.cat([_mean_residuals(projection, head, *part) @ loadings for part in parts])
    return F.pad(scores, (0, projection.n_components - loadings.shape[1])) - projection.center


def _mean_residuals(projection: ExpressionProjection, head: NegativeBinomialHead, h: Tensor, total: Tensor) -> Tensor:
    """Residuals of the expected counts, averaged over arms, which share a cell's null model: ``(cells, genes)``."""
    expected = total * projection.location  # (cells, genes)
    precision = torch.addcmul(expected, expected, expected, value=1 / OVERDISPERSION).clamp_min_(1e-12).rsqrt_()
    of_null, of_share = expected.mul_(precision), precision.mul_(total)
    of_arms = (arm.softmax(-1).mul_(of_share).sub_(of_null).clamp_(-CLIP, CLIP) for arm in head.rate(h))
    mean = next(of_arms)
    for residuals in of_arms:
        mean += residuals
    return mean.div_(len(h))
