import numpy as np
import pytest
from scipy import sparse

from mixvi.loading import RowReader, on_disk, values_on_disk
from mixvi.loading.rows import NEAR

KINDS = ["h5ad", "zarr", "backed", "dense"]


@pytest.mark.parametrize("kind", [*KINDS, "memory"])
@pytest.mark.parametrize("near", [0, 5, NEAR])
def test_rows_come_in_the_order_asked_for(kind, near, small, in_file):
    expected = small.X.toarray() if sparse.issparse(small.X) else small.X
    cells = small if kind == "memory" else in_file(small, kind)
    assert values_on_disk(cells) == on_disk(cells.X) == (kind != "memory")
    rows = RowReader(cells.X)
    rows.near = near
    rng = np.random.default_rng(0)
    for index in (np.arange(20, 50), rng.permutation(120)[:40], np.array([7, 7, 3, 119, 0]), np.arange(120)[::-1]):
        taken = rows.take(index)
        taken = taken.toarray() if sparse.issparse(taken) else taken
        assert np.array_equal(taken, expected[index])
    assert rows.take(np.array([], int)).shape == (0, small.n_vars)


@pytest.mark.parametrize("kind", KINDS)
def test_views_of_cells_in_a_file(kind, small, in_file):
    cells = in_file(small, kind)
    assert values_on_disk(cells[10:20])
    assert not values_on_disk(small[10:20])


def test_few_rows_are_read_together(small, in_file, monkeypatch):
    monkeypatch.setattr("mixvi.loading.rows.MOST", 16)
    rows, read = RowReader(in_file(small, "zarr").X), []
    rows.near = 1000
    stretch = rows._stretch
    monkeypatch.setattr(rows, "_stretch", lambda first, end: read.append(end - first) or stretch(first, end))
    index = np.random.default_rng(0).permutation(120)[:60]
    expected = small.X.toarray() if sparse.issparse(small.X) else small.X
    assert np.array_equal(rows.take(index).toarray(), expected[index])
    assert max(read) <= 16 and len(read) == 8
