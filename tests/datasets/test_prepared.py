import numpy as np
import pytest
from anndata import AnnData

from mixvi.datasets.prepared import prepared_reader


def written(path, values, kinds):
    adata = AnnData(np.asarray(values, dtype=np.float32))
    adata.obs["cluster"] = kinds
    adata.write_h5ad(path)
    return path


def test_a_file_as_it_should_be(tmp_path):
    path = written(tmp_path / "a.h5ad", [[1, 0], [0, 3], [2, 2]], list("xyx"))
    adata = prepared_reader("cluster", 2)(path)
    assert adata.X.tolist() == [[1, 0], [0, 3], [2, 2]]
    assert adata.obs["cluster"].tolist() == list("xyx")


@pytest.mark.parametrize(
    ("key", "values", "kinds", "message"),
    [
        ("type", [[1.0], [2.0]], ["x", "y"], "no column"),
        ("cluster", [[1.0], [2.0]], ["x", "x"], "has 1 types.*2 are published"),
        ("cluster", [[1.5], [2.0]], ["x", "y"], "no counts"),
        ("cluster", [[-1.0], [2.0]], ["x", "y"], "no counts"),
    ],
)
def test_other_files_are_refused(key, values, kinds, message, tmp_path):
    path = written(tmp_path / "a.h5ad", values, kinds)
    with pytest.raises(ValueError, match=message):
        prepared_reader(key, 2)(path)
