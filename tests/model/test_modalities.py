import numpy as np
import pytest
from mudata import MuData
from scipy import sparse

from mixvi import CplMixVI
from mixvi.datasets import simulate_modalities
from mixvi.model.modalities import cells_with, rows_of_all_cells


@pytest.fixture
def mdata() -> MuData:
    return simulate_modalities([40, 30, 30], n_genes=60, n_features=12)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_rows_of_all_cells(kind):
    values = np.arange(1.0, 7.0).reshape(3, 2)
    rows = rows_of_all_cells(kind(values), np.array([3, 0, 1, 2, 0]))
    dense = rows.toarray() if sparse.issparse(rows) else rows
    np.testing.assert_array_equal(dense, [[5, 6], [0, 0], [1, 2], [3, 4], [0, 0]])
    whole = kind(values)
    assert rows_of_all_cells(whole, np.array([1, 2, 3])) is whole


def test_loaders_see_all_cells_in_order(mdata):
    mdata = mdata[np.random.default_rng(0).permutation(mdata.n_obs)].copy()
    CplMixVI.setup_mudata(mdata)
    model = CplMixVI(mdata, likelihood={"ephys": "normal"})
    (tensors,) = model._make_data_loader(mdata, batch_size=100)
    has = cells_with(mdata, "ephys")
    np.testing.assert_array_equal((tensors["X_ephys"] != 0).any(1), has)
    names = mdata.obs_names[has]
    np.testing.assert_allclose(tensors["X_ephys"][has], mdata["ephys"][names].X)
    np.testing.assert_allclose(tensors["X_rna"], mdata["rna"][mdata.obs_names].X.toarray())


def test_values_are_not_copied_where_all_cells_have_a_modality(mdata):
    CplMixVI.setup_mudata(mdata)
    manager = CplMixVI(mdata).adata_manager
    assert manager.get_from_registry("X_rna") is mdata["rna"].X


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (
            lambda m: (m, {"protein": None, "rna": None}),
            KeyError,
            "'protein' is not in mdata, which has 'rna', 'ephys'",
        ),
        (lambda m: (m, {"rna": None}), ValueError, "At least two modalities"),
        (lambda m: (m["rna"], None), TypeError, "must be a MuData object, not AnnData"),
        (lambda m: (m, {"rna": "counts", "ephys": None}), KeyError, "Modality 'rna': layer='counts' is not in"),
        (lambda m: (renamed(m, 72), None), ValueError, "Modality 'rna' shares 8 cells with the others"),
        (lambda m: (with_third(m), {"rna": None, "ephys": None}), ValueError, "5 of 105 cells have none of"),
        (lambda m: (with_values(m, "ephys", 0, 0), None), ValueError, "Modality 'ephys': 1 of 80 cells have no expr"),
        (lambda m: (with_values(m, "ephys", 3, np.nan), None), ValueError, "Modality 'ephys': adata.X has NaN"),
    ],
)
def test_bad_cells(mdata, spoil, error, message):
    cells, modalities = spoil(mdata)
    with pytest.raises(error, match=message):
        CplMixVI.setup_mudata(cells, modalities)
    assert not [key for key in cells.uns if "scvi" in key]


def test_bad_columns(mdata):
    with pytest.raises(KeyError, match="batch_key: 'chip' is not a column"):
        CplMixVI.setup_mudata(mdata, batch_key="chip")


def renamed(mdata: MuData, n_cells: int) -> MuData:
    """The last cells of the electrophysiology have other names."""
    mods = {name: adata.copy() for name, adata in mdata.mod.items()}
    names = mods["ephys"].obs_names
    mods["ephys"].obs_names = [*names[:-n_cells], *(f"other{i}" for i in range(n_cells))]
    return MuData(mods)


def with_third(mdata: MuData) -> MuData:
    """Five more cells, with a third modality only."""
    third = mdata["rna"][:5].copy()
    third.obs_names = [f"other{i}" for i in range(5)]
    return MuData(dict(mdata.mod) | {"third": third})


def with_values(mdata: MuData, name: str, cell: int, value: float) -> MuData:
    """All values of a cell are the same."""
    mdata.mod[name].X[cell] = value
    return mdata
