import numpy as np
import pytest
import scanpy as sc
import torch
from anndata import AnnData
from sklearn.decomposition import PCA

from mixvi.nn import ExpressionProjection, PixelProjection
from mixvi.nn.projection import marchenko_pastur_edge
from mixvi.objective import blocks


def counts(n_cells: int = 80, n_genes: int = 30) -> torch.Tensor:
    rng = np.random.default_rng(0)
    return torch.tensor(rng.poisson(rng.gamma(1, 3, (n_cells, n_genes))), dtype=torch.float32)


def test_count_residuals_are_scanpys_pearson_residuals():
    x = counts()
    projection = ExpressionProjection(30, 5, counts=True)
    projection.fit(x)
    adata = AnnData(x.numpy())
    sc.experimental.pp.normalize_pearson_residuals(adata, theta=100, clip=10)
    np.testing.assert_allclose(projection.residuals(x), adata.X, rtol=1e-3, atol=1e-4)


def test_other_residuals_are_z_scores():
    x = counts().log1p()
    projection = ExpressionProjection(30, 5, counts=False)
    projection.fit(x)
    torch.testing.assert_close(projection.residuals(x), (x - x.mean(0)) / x.std(0))


def test_scores_are_those_of_a_principal_component_analysis():
    x = counts()
    for k in range(6):  # six types, and so five clear components
        x[k::6, 5 * k : 5 * k + 5] *= 3 + k
    projection = ExpressionProjection(30, 5, counts=True)
    projection.fit(x)
    expected = PCA(5, svd_solver="full").fit_transform(projection.residuals(x).numpy())
    expected *= 3 / expected[:, 0].std(ddof=1)
    np.testing.assert_allclose(np.abs(projection(x))[:, :3], np.abs(expected)[:, :3], atol=2e-2)


def test_nothing_is_lost_of_a_panel():
    """Of a few correlated features all components are kept: distances are those between z-scores, in other units."""
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.normal(size=(400, 6)) + 2 * rng.normal(size=(400, 1)), dtype=torch.float32)
    projection = ExpressionProjection(6, 6, counts=False)
    projection.fit(x)
    ratio = torch.pdist(projection(x)) / torch.pdist(projection.residuals(x))
    torch.testing.assert_close(ratio, ratio[:1].expand_as(ratio), rtol=1e-3, atol=0)


def test_residuals_do_not_depend_on_depth_in_expectation():
    x = counts()
    projection = ExpressionProjection(30, 2, counts=True)
    projection.fit(x)
    half, whole = projection.residuals(x / 2), projection.residuals(x)
    assert torch.corrcoef(torch.stack([half.flatten(), whole.flatten()]))[0, 1] > 0.95


def test_constant_genes_and_empty_cells_are_finite():
    for is_count in (True, False):
        x = counts()
        x[:, 3], x[0] = 0, 0
        projection = ExpressionProjection(30, 4, counts=is_count)
        projection.fit(x)
        assert projection(x).isfinite().all()


def test_noise_components_are_zero():
    rng = np.random.default_rng(0)
    noise = torch.tensor(rng.poisson(5, (400, 100)), dtype=torch.float32)
    types = noise.clone()
    for k in range(4):  # four types: three components
        types[k::4, 10 * k : 10 * k + 10] *= 3
    for x, expected in ((noise, 2), (types, 3)):  # two are always kept
        projection = ExpressionProjection(100, 20, counts=True)
        projection.fit(x)
        assert (projection.loadings.abs().sum(0) > 0).sum() == expected


def test_marchenko_pastur_edge_bounds_the_spectrum_of_noise():
    rng = np.random.default_rng(0)
    for n_cells, n_genes in ((500, 50), (300, 300), (200, 800)):
        top = np.linalg.svd(rng.normal(size=(n_cells, n_genes)), compute_uv=False)[0] ** 2 / n_cells
        assert abs(top / marchenko_pastur_edge(n_cells, n_genes) - 1) < 0.05


def test_pixels_are_centred_and_keep_their_relative_spread():
    torch.manual_seed(0)
    x = torch.rand(200, 6) * torch.tensor([0.0, 1.0, 2.0, 4.0, 1.0, 1.0])
    projection = PixelProjection(6)
    projection.fit(x)
    seen = projection(x)
    torch.testing.assert_close(seen.mean(0), torch.zeros(6), atol=1e-5, rtol=0)
    assert abs(seen.var(0).mean() - 1) < 1e-4
    torch.testing.assert_close(seen.std(0) / seen.std(0)[3], x.std(0) / x.std(0)[3])
    with pytest.raises(ValueError, match="All images are the same"):
        projection.fit(torch.ones(5, 6))


def test_free_axes_go_to_what_sets_rare_types_apart():
    rng = np.random.default_rng(0)
    x = torch.tensor(rng.poisson(3.0, (1000, 60)), dtype=torch.float32)
    labels = torch.as_tensor(np.repeat([0, 1, 2], [500, 488, 12]))
    x[labels == 1, :20] *= 3
    x[labels == 2, 40:] *= 3
    projection = ExpressionProjection(60, 8, counts=True)
    projection.fit(x)
    before = projection.loadings.clone()
    used = before.norm(dim=0) > 0
    projection.add_axes_between(x, labels)
    now = projection.loadings
    torch.testing.assert_close(now[:, used], before[:, used], rtol=0, atol=0)
    length = now.norm(dim=0)
    assert 0 < (length > 0).sum() - used.sum() <= 2
    difference = projection.residuals(x)[labels == 2].mean(0) - projection.residuals(x).mean(0)
    seen = [(difference @ axes / axes.norm(dim=0).clamp_min(1e-9)).norm() / difference.norm() for axes in (before, now)]
    assert seen[0] < 0.9 < seen[1]
    gram = now.T @ now / length.max() ** 2
    torch.testing.assert_close(gram, gram.diag().diag(), rtol=0, atol=1e-4)
    torch.testing.assert_close(projection(x).mean(0)[~used], torch.zeros(int((~used).sum())), rtol=0, atol=1e-4)


def test_axes_that_noise_explains_are_not_added():
    x = counts(400, 30)
    projection = ExpressionProjection(30, 8, counts=True)
    projection.fit(x)
    before = projection.loadings.clone()
    projection.add_axes_between(x, torch.arange(400) % 3)
    torch.testing.assert_close(projection.loadings, before, rtol=0, atol=0)


def test_weights_of_genes_are_their_part_of_the_scores():
    projection = ExpressionProjection(30, 5, counts=True)
    projection.fit(counts())
    weights = projection.gene_weights()
    scores = projection.residuals(counts())[:, :, None] * projection.loadings  # (cells, genes, components)
    assert weights.sum() == pytest.approx(1)
    heaviest = scores.square().sum((0, 2)).argmax()
    assert weights[heaviest] > 1 / 30


@pytest.mark.parametrize("log", [False, True])
def test_expected_values_have_no_residual(log):
    x = counts().log1p() if log else counts()
    projection = ExpressionProjection(30, 5, counts=not log)
    projection.fit(x)
    missing = torch.arange(30) % 7 == 0
    imputed = x.clone()
    imputed[:, missing] = projection.expected_values(x[:, ~missing].sum(1), missing)
    residuals = projection.residuals(imputed)
    torch.testing.assert_close(residuals[:, missing], torch.zeros(80, 5), rtol=0, atol=1e-4)
    if log:  # each gene by itself
        torch.testing.assert_close(residuals[:, ~missing], projection.residuals(x)[:, ~missing])


def test_components_that_are_zero_change_nothing(monkeypatch):
    projection, x = ExpressionProjection(6, 5, counts=False), torch.randn(2, 7, 6)
    projection.loadings.normal_()
    projection.loadings[:, [1, 3, 4]] = 0  # one in the middle, two at the end
    projection.center.normal_()
    expected = projection.residuals(x) @ projection.loadings - projection.center
    for block in (1, 20, 10**6):  # values at a time
        monkeypatch.setattr(blocks, "BLOCK", block)
        torch.testing.assert_close(projection(x), expected)
    projection.loadings.zero_()
    torch.testing.assert_close(projection(x), -projection.center.expand(2, 7, 5))
