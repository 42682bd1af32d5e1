import numpy as np
import pytest
from scipy import sparse

from mixvi import open_cells
from mixvi.loading import on_disk, values_on_disk


@pytest.mark.parametrize("kind", ["h5ad", "zarr"])
def test_everything_but_values_is_read(kind, small, in_file):
    small.layers["counts"] = sparse.csr_matrix(small.X)
    small.layers["scaled"] = np.ones(small.shape, np.float32)
    small.obsm["X_pca"] = np.ones((small.n_obs, 2))
    small.uns["note"] = "here"
    cells = in_file(small, kind)
    assert all(on_disk(matrix) for matrix in (cells.X, cells.layers["counts"], cells.layers["scaled"]))
    assert values_on_disk(cells, "counts") and not values_on_disk(cells, "none")
    assert cells.obs.equals(small.obs) and cells.var.equals(small.var)
    assert np.array_equal(cells.obsm["X_pca"], small.obsm["X_pca"]) and cells.uns["note"] == "here"
    some = cells[5:9].to_memory()
    assert np.array_equal(some.layers["counts"].toarray(), small.layers["counts"][5:9].toarray())


def test_what_is_no_file_of_cells(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file .*nowhere.h5ad"):
        open_cells(tmp_path / "nowhere.h5ad")
    (tmp_path / "text.h5ad").write_text("cells")
    with pytest.raises(ValueError, match="neither an .h5ad file nor a .zarr folder"):
        open_cells(tmp_path / "text.h5ad")
    (tmp_path / "folder.zarr").mkdir()
    with pytest.raises(ValueError, match="neither|no obs or no var"):
        open_cells(tmp_path / "folder.zarr")
