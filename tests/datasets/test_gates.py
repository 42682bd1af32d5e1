import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from mixvi.cytometry import arcsinh
from mixvi.datasets import simulate_cytometry


def test_populations_are_where_their_levels_say():
    adata = simulate_cytometry([400, 300, 200, 30], n_markers=5, seed=1, doublets=0.1)
    assert adata.shape == (1023, 5)
    assert adata.obs["population"].isna().sum() == 93
    assert adata.obs["population"].value_counts().to_dict() == {"0": 400, "1": 300, "2": 200, "3": 30}
    arcsinh(adata)
    for population, levels in enumerate(adata.uns["levels"]):
        x = adata.layers["arcsinh"][adata.obs["population"] == str(population)]
        np.testing.assert_allclose(np.median(x, 0), np.array([0, 1.8, 3.5])[levels], atol=0.7)
    assert len(np.unique(adata.uns["levels"], axis=0)) == 4


def test_populations_can_be_told_from_the_intensities():
    adata = simulate_cytometry([500, 400, 100], n_markers=8, doublets=0)
    arcsinh(adata)
    x, levels = adata.layers["arcsinh"], np.array([0, 1.8, 3.5])[adata.uns["levels"]]
    nearest = np.square(x[:, None] - levels).sum(-1).argmin(1)
    assert adjusted_rand_score(adata.obs["population"], nearest) > 0.8
    other = simulate_cytometry([500, 400, 100], n_markers=8, doublets=0)
    np.testing.assert_array_equal(adata.X, other.X)
    assert not np.array_equal(adata.X, simulate_cytometry([500, 400, 100], n_markers=8, doublets=0, seed=1).X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(([5, 0],), "at least one cell"), (([5], 3, 0, 1.0), "share below 1"), (([5] * 6, 2), "too few to tell 6")],
)
def test_bad_numbers(arguments, message):
    *arguments, doublets = (*arguments, 0.0) if len(arguments) < 4 else arguments
    with pytest.raises(ValueError, match=message):
        simulate_cytometry(*arguments, doublets=doublets)
