"""Cells as they are stored, non-zeros alone, and their projection: what most values are zero costs nothing."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from mixvi.nn.projection import CLIP, OVERDISPERSION, ExpressionProjection, PixelProjection

ROUNDING = 1e-9  # relative error of the interpolation in depth


@dataclass(frozen=True)
class SparseCells:
    """Cells in compressed sparse rows.

    Parameters
    ----------
    values, columns
        Values and their genes, shape ``(values,)``.
    starts
        Where the values of each cell start, and where the last ones end, shape ``(cells + 1,)``.
    n_genes
        Number of genes.

    Examples
    --------
    >>> cells = SparseCells.from_csr(sparse.csr_matrix([[0.0, 5.0], [0.0, 0.0], [7.0, 1.0]]))
    >>> cells.total
    tensor([5., 0., 8.])
    >>> cells.dense()
    tensor([[0., 5.],
            [0., 0.],
            [7., 1.]])
    """

    values: Tensor
    columns: Tensor
    starts: Tensor
    n_genes: int

    @classmethod
    def from_csr(cls, matrix: sparse.csr_matrix) -> Self:
        """The rows of a matrix, whose memory is shared where its types allow."""
        if not matrix.has_canonical_format:
            matrix = matrix.copy()
            matrix.sum_duplicates()
        parts = (matrix.data, np.float32), (matrix.indices, np.int32), (matrix.indptr, np.int32)
        values, columns, starts = (torch.from_numpy(part.astype(dtype, copy=False)) for part, dtype in parts)
        return cls(values, columns, starts, matrix.shape[1])

    @classmethod
    def from_tensor(cls, x: Tensor) -> Self:
        """Cells of a tensor in compressed sparse rows, ``(cells, genes)``, without a copy."""
        return cls(x.values(), x.col_indices(), x.crow_indices(), x.shape[1])

    @classmethod
    def stack(cls, parts: list[Self]) -> Self:
        """The cells of all parts, one part below the other."""
        starts, n_values = [parts[0].starts[:1]], 0
        for part in parts:
            starts.append(part.starts[1:] + n_values)
            n_values += len(part.values)
        values, columns = (torch.cat([getattr(part, name) for part in parts]) for name in ("values", "columns"))
        return cls(values, columns, torch.cat(starts), parts[0].n_genes)

    def __len__(self) -> int:
        """Number of cells."""
        return len(self.starts) - 1

    @cached_property
    def rows(self) -> Tensor:
        """The cell of each value, ``(values,)``."""
        cells = torch.arange(len(self), dtype=torch.int32, device=self.values.device)
        return torch.repeat_interleave(cells, self.starts.diff(), output_size=len(self.values))

    @cached_property
    def total(self) -> Tensor:
        """Sum of each cell's values, ``(cells,)``."""
        until = F.pad(self.values.cumsum(0, dtype=torch.float64), (1, 0))
        return until[self.starts].diff().float()

    def with_values(self, values: Tensor) -> Self:
        """The same cells with other values in the same places, ``(values,)``."""
        cells = replace(self, values=values)
        cells.__dict__["rows"] = self.rows  # which are known
        return cells

    def dense(self) -> Tensor:
        """All values, ``(cells, genes)``."""
        dense = self.values.new_zeros(len(self), self.n_genes)
        dense[self.rows, self.columns] = self.values
        return dense

    def to(self, device: torch.device | str) -> Self:
        """The cells on a device."""
        if self.values.device == torch.device(device):
            return self  # with what is known of them
        return replace(self, **{name: getattr(self, name).to(device) for name in ("values", "columns", "starts")})


def project(projection: ExpressionProjection | PixelProjection, x: Tensor | SparseCells) -> Tensor:
    """Project cells, dense or sparse, with the same result up to rounding.

    Of sparse cells the residual of a zero is taken from every gene, and what the non-zeros change is added. For counts
    the first depends on nothing but the cell's depth: it is interpolated.

    Parameters
    ----------
    projection
        The fitted projection.
    x
        Cells, ``(..., cells, genes)`` if dense.

    Returns
    -------
    Shape ``(..., cells, n_components)``.

    Examples
    --------
    >>> x = torch.poisson(torch.ones(50, 20))
    >>> projection = ExpressionProjection(20, 3, counts=True)
    >>> projection.fit(x)
    >>> cells = SparseCells.from_csr(sparse.csr_matrix(x.numpy()))
    >>> torch.allclose(project(projection, cells), projection(x), atol=1e-5)
    True
    """
    if not isinstance(x, SparseCells):
        return projection(x)
    if not isinstance(projection, ExpressionProjection):
        return projection(x.dense())
    loadings = projection.used_loadings()
    changes = _changes(projection, x)
    scores = F.embedding_bag(x.columns, loadings, x.starts[:-1], mode="sum", per_sample_weights=changes)
    scores += _scores_of_zeros(projection, x.total, loadings)
    return F.pad(scores, (0, projection.n_components - loadings.shape[1])) - projection.center


def _changes(projection: ExpressionProjection, x: SparseCells) -> Tensor:
    """Residual of each non-zero less that of a zero in its place, ``(values,)``."""
    location = projection.location.index_select(0, x.columns)
    if not projection.counts:
        scale = projection.scale.index_select(0, x.columns)
        of_zero = (-location / scale).clamp_(-CLIP, CLIP)
        return ((x.values - location) / scale).clamp_(-CLIP, CLIP) - of_zero
    expected = location.mul_(x.total.index_select(0, x.rows))
    precision = torch.addcmul(expected, expected, expected, value=1 / OVERDISPERSION).clamp_min_(1e-12).rsqrt_()
    return torch.minimum(x.values * precision, expected.mul_(precision).add_(CLIP))  # zeros are never clipped


def _scores_of_zeros(projection: ExpressionProjection, total: Tensor, loadings: Tensor) -> Tensor:
    """Projection of cells of some depths ``(cells,)`` without any value, ``(cells, components)`` or broadcast to it."""
    if not projection.counts:
        return projection.residuals(torch.zeros_like(projection.location)) @ loadings
    depth = total.double().clamp_min(1).log()
    low, high = depth.aminmax()
    middle, half = (low + high) / 2, max(float(high - low) / 2, 1e-3)
    n_nodes = _n_nodes(half)
    order = torch.arange(n_nodes, device=depth.device, dtype=torch.float64)
    angles = (order + 0.5) * (math.pi / n_nodes)
    expected = (middle + half * angles.cos()).exp()[:, None] * projection.location.double()
    precision = torch.addcmul(expected, expected, expected, value=1 / OVERDISPERSION).clamp_min_(1e-12).rsqrt_()
    of_nodes = -(expected * precision) @ loadings.double()  # (nodes, components)
    series = (order[:, None] * angles).cos() @ of_nodes * (2 / n_nodes)  # in Chebyshev polynomials of the log depth
    series[0] /= 2
    at = ((depth - middle) / half).clamp(-1, 1).arccos()
    return ((order * at[:, None]).cos() @ series * (total > 0)[:, None]).to(loadings)


def _n_nodes(half: float) -> int:
    """Chebyshev nodes that make the interpolation exact over ``2 · half`` of log depth.

    The residual of a zero, as a function of the log depth, is analytic up to a distance of π from the real line, which
    tells how fast the series converges.
    """
    distance = math.pi / half
    return math.ceil(-math.log(ROUNDING) / math.log(distance + math.sqrt(1 + distance**2)))
