import numpy as np
import pytest
from scipy.stats import chi2

from mixvi.model.outliers import OutlierRule


def test_score_by_hand():
    rule = OutlierRule(np.array([1.0, 0.0]), np.diag([1.0, 4.0]), limit=2.0)
    np.testing.assert_allclose(rule.score(np.array([[1.0, 0], [4, 0], [1, 3]])), [0, 1.5, 3])


def test_one_in_a_hundred_gaussian_cells():
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(5, 5))
    cells = rng.normal(size=(40_000, 5)) @ mixing + 3
    rule = OutlierRule.fit(cells[:20_000])
    assert rule.limit == pytest.approx(chi2(5).ppf(0.99) ** 0.5, rel=0.03)  # Mahalanobis distances of Gaussians
    assert (rule.score(cells[20_000:]) > 1).mean() == pytest.approx(0.01, abs=0.003)
    assert (rule.score(cells[:100] + 50) > 1).all()


def test_components_that_are_never_used():
    rng = np.random.default_rng(0)
    cells = np.c_[rng.normal(size=(500, 2)), np.zeros((500, 3))]
    score = OutlierRule.fit(cells).score(cells)
    np.testing.assert_allclose(score, OutlierRule.fit(cells[:, :2]).score(cells[:, :2]), rtol=1e-5)
    assert np.isfinite(OutlierRule.fit(np.zeros((20, 3))).score(np.ones((2, 3)))).all()


def test_components_that_say_the_same_without_any_noise():
    cells = np.tile([[1.0, 1.0], [-1.0, -1.0]], (50, 1))  # Ledoit and Wolf shrink nothing here
    rule = OutlierRule.fit(cells)
    assert np.isfinite(rule.score(cells)).all()
    assert rule.score(np.array([[9.0, 9.0]])) > 1
