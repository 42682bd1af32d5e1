import numpy as np
import pytest
from anndata import AnnData
from scipy import sparse

from mixvi.cytometry import arcsinh, select_markers


@pytest.fixture
def cells() -> AnnData:
    """Three cells, four markers."""
    adata = AnnData(np.array([[0.0, 5.0, -5.0, 50.0], [1, 2, 3, 4], [0, 0, 0, 500]]))
    adata.var["marker_class"] = ["type", "state", "none", "type"]
    return adata


def test_arcsinh_is_ln_x_plus_root_and_leaves_the_values(cells):
    before = cells.X.copy()
    arcsinh(cells)
    x = before / 5
    np.testing.assert_allclose(cells.layers["arcsinh"], np.log(x + np.sqrt(x**2 + 1)), rtol=1e-5)
    np.testing.assert_array_equal(cells.X, before)
    assert cells.layers["arcsinh"].dtype == np.float32


def test_layers_cofactors_and_sparse_values(cells):
    cells.layers["raw"] = sparse.csr_matrix(cells.X)
    arcsinh(cells, cofactor=150, layer="raw", key_added="flow")
    assert sparse.issparse(cells.layers["flow"])
    np.testing.assert_allclose(cells.layers["flow"].toarray(), np.arcsinh(cells.X / 150), rtol=1e-5)


def test_counts_are_not_divided_as_whole_numbers():
    adata = AnnData(np.array([[3, 5]]))
    arcsinh(adata)
    np.testing.assert_allclose(adata.layers["arcsinh"], np.arcsinh([[0.6, 1.0]]), rtol=1e-6)


@pytest.mark.parametrize("cofactor", [0, -5, np.nan])
def test_a_cofactor_above_zero_is_needed(cells, cofactor):
    with pytest.raises(ValueError, match="must be above 0"):
        arcsinh(cells, cofactor)
    assert not cells.layers


def test_an_unknown_layer_is_refused(cells):
    with pytest.raises(KeyError, match="layer='raw'"):
        arcsinh(cells, layer="raw")


def test_markers_by_class(cells):
    chosen = select_markers(cells)
    assert chosen.var_names.tolist() == ["0", "3"]
    chosen.X[:] = -1
    assert cells.X[0, 3] == 50
    assert select_markers(cells, "state").n_vars == 1


def test_classes_that_are_not_there(cells):
    with pytest.raises(ValueError, match="'signal'. There are none, state, type"):
        select_markers(cells, "signal")
    del cells.var["marker_class"]
    with pytest.raises(KeyError, match="no 'marker_class'"):
        select_markers(cells)
