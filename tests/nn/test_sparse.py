import numpy as np
import pytest
import torch
from scipy import sparse

from mixvi.nn import ExpressionProjection, PixelProjection, SparseCells, project
from mixvi.nn.sparse import _n_nodes, _scores_of_zeros


def some_cells(counts: bool, n_genes: int = 400) -> torch.Tensor:
    """Cells of very different depths, one of them empty and one with an extreme gene, (cells, genes)."""
    torch.manual_seed(0)
    rate = torch.distributions.Gamma(0.3, 1.0).sample((n_genes,)) * torch.exp(2 * torch.randn(200, 1))
    x = torch.cat([torch.poisson(rate), torch.zeros(1, n_genes)])
    x[0, 3] = 1e5
    return x if counts else x.log1p()


def sparse_of(x: torch.Tensor) -> SparseCells:
    return SparseCells.from_csr(sparse.csr_matrix(x.numpy()))


@pytest.fixture(params=[True, False], ids=["counts", "log"])
def fitted(request) -> tuple[ExpressionProjection, torch.Tensor]:
    x = some_cells(request.param)
    projection = ExpressionProjection(x.shape[1], 20, counts=request.param)
    projection.fit(x)
    return projection, x


def test_sparse_cells_are_projected_as_dense_ones(fitted):
    projection, x = fitted
    expected = projection.double()(x.double()).float()
    assert expected.std() > 0.1
    torch.testing.assert_close(project(projection.float(), sparse_of(x)), expected, rtol=1e-5, atol=2e-5)


def test_dense_cells_and_pixels(fitted):
    projection, x = fitted
    assert torch.equal(project(projection, x), projection(x))
    pixels = PixelProjection(x.shape[1])
    pixels.fit(x)
    assert torch.equal(project(pixels, sparse_of(x)), pixels(x))


def test_explicit_zeros_duplicates_and_order_do_not_matter(fitted):
    projection, x = fitted
    tidy = sparse.csr_matrix(x.numpy())
    coo = tidy.tocoo()
    order = np.random.default_rng(0).permutation(coo.nnz)
    halves = [np.concatenate([values[order]] * 2) for values in (coo.row, coo.col)]
    messy = sparse.csr_matrix((np.concatenate([coo.data[order] / 2] * 2), halves), x.shape)
    messy.data[:5] *= 1  # no change, but a matrix of its own
    messy.has_canonical_format = False
    expected = project(projection, SparseCells.from_csr(tidy))
    torch.testing.assert_close(project(projection, SparseCells.from_csr(messy)), expected, rtol=1e-5, atol=1e-5)
    thinned = SparseCells.from_csr(tidy)
    kept = thinned.values * (thinned.rows % 2)
    halved = thinned.with_values(kept)
    torch.testing.assert_close(project(projection, halved), projection(halved.dense()), rtol=1e-5, atol=2e-5)


def test_parts_of_sparse_cells(fitted):
    _, x = fitted
    cells = sparse_of(x)
    assert len(cells) == len(x) and torch.equal(cells.dense(), x)
    torch.testing.assert_close(cells.total, x.sum(1), rtol=1e-6, atol=0)
    assert cells.total[-1] == 0
    assert cells.to("cpu") is cells
    elsewhere = cells.to("meta")
    assert elsewhere.values.device.type == "meta" and elsewhere.n_genes == cells.n_genes


def test_cells_without_any_value(fitted):
    projection, x = fitted
    none = torch.zeros(2, x.shape[1])
    torch.testing.assert_close(project(projection, sparse_of(none)), projection(none), rtol=1e-5, atol=1e-5)


def test_interpolation_in_depth_is_exact_over_eight_orders_of_magnitude():
    x = some_cells(counts=True)
    projection = ExpressionProjection(x.shape[1], 20, counts=True)
    projection.fit(x)
    depth = torch.logspace(0, 8, 101, dtype=torch.float64)
    expected = depth[:, None] * projection.location.double()
    residuals = -expected / (expected + expected**2 / 100).clamp_min(1e-12).sqrt()
    plain = residuals @ projection.loadings.double()
    interpolated = _scores_of_zeros(projection, depth.float(), projection.loadings)
    torch.testing.assert_close(interpolated.double(), plain, rtol=1e-5, atol=1e-5 * float(plain.abs().max()))
    assert _n_nodes(0.5) < _n_nodes(9.0) < 80


def test_cells_of_a_tensor_share_its_memory():
    x = some_cells(counts=True)
    tensor = x.to_sparse_csr()
    cells = SparseCells.from_tensor(tensor)
    assert torch.equal(cells.dense(), x)
    assert cells.values.data_ptr() == tensor.values().data_ptr()


def test_parts_are_stacked_below_one_another():
    x = some_cells(counts=True)
    stacked = SparseCells.stack([sparse_of(part) for part in (x[:7], x[7:8], x[8:])])
    assert torch.equal(stacked.dense(), x)


def test_other_values_are_in_the_same_places():
    cells = sparse_of(some_cells(counts=True))
    doubled = cells.with_values(2 * cells.values)
    assert torch.equal(doubled.rows, cells.rows)
    assert torch.equal(doubled.dense(), 2 * cells.dense())
