import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from mixvi.datasets import SimulationParameters, estimate_parameters, simulate_types_and_states
from mixvi.datasets.parameters import fit_dispersion_trend, moment_dispersion


def test_moments_by_hand():
    x = sparse.csr_matrix(np.array([[1.0], [3.0], [5.0], [7.0]]))
    mean, dispersion = moment_dispersion(x, np.full(4, 10.0))
    assert mean.tolist() == [4]
    assert dispersion[0] == pytest.approx((5 - 4) / 16)  # (variance - mean) / mean²


def test_depth_is_no_dispersion():
    rng = np.random.default_rng(0)
    depth = rng.lognormal(0, 0.8, 5000)
    _, dispersion = moment_dispersion(sparse.csr_matrix(rng.poisson(depth[:, None] * [2.0, 9.0])), depth)
    np.testing.assert_allclose(dispersion, 0, atol=0.03)


def test_a_trend_is_fitted_through_outliers():
    mean = np.geomspace(0.05, 50, 400)
    dispersion = 0.2 + 0.5 / mean
    dispersion[::5] += 10
    np.testing.assert_allclose(fit_dispersion_trend(mean, dispersion), (0.2, 0.5), rtol=0.15)


def test_parameters_come_back_from_simulated_cells():
    planted = SimulationParameters(np.log(8000), 0.5, tuple(np.linspace(-3, 1, 50)), (0.3, 0.5))
    adata = simulate_types_and_states([1500], 400, parameters=planted, marker_effect=0, state_effect=0)
    found = estimate_parameters(adata)
    assert found.depth_log_mean == pytest.approx(np.log(8000), abs=0.1)
    assert found.depth_log_sd == pytest.approx(0.5, abs=0.05)
    quantiles = np.array(found.gene_log_quantiles)[[5, 50, 95]]
    np.testing.assert_allclose(np.diff(quantiles), [1.8, 1.8], atol=0.25)
    np.testing.assert_allclose(found.dispersion, planted.dispersion, rtol=0.3)


def test_a_layer_can_be_named_and_values_must_be_counts():
    adata = simulate_types_and_states([60, 40])
    expected = estimate_parameters(adata)
    adata.layers["counts"], adata.X = adata.X.toarray(), np.log1p(adata.X.toarray())
    assert estimate_parameters(adata, layer="counts") == expected
    with pytest.raises(ValueError, match="not counts"):
        estimate_parameters(adata)
    with pytest.raises(ValueError, match="nothing to estimate"):
        estimate_parameters(AnnData(np.zeros((3, 3))))


def test_poisson_counts_can_be_simulated():
    parameters = SimulationParameters(dispersion=(0.0, 0.0))
    adata = simulate_types_and_states([500], 20, parameters=parameters, marker_effect=0, state_effect=0)
    assert estimate_parameters(adata).dispersion[0] < 0.02
