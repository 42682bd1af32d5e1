import numpy as np
import pytest

from mixvi.bench.scale import cells as module
from mixvi.bench.scale.cells import N_TYPES, simulate_into, type_shares
from mixvi.loading import on_disk, open_cells


@pytest.fixture
def parts_of_300(monkeypatch):
    monkeypatch.setattr(module, "PART", 300)


def test_cells_of_known_types_are_written_part_by_part(tmp_path, parts_of_300):
    made = simulate_into(tmp_path / "cells.h5ad", 1000, 400)
    adata = open_cells(tmp_path / "cells.h5ad")
    assert adata.shape == (1000, 400) and on_disk(adata.X)
    counts = adata.X[:].toarray()
    assert made["zeros"] == pytest.approx((counts == 0).mean())
    assert (counts == counts.round()).all() and counts.min() == 0
    assert 400 < np.median(counts.sum(1)) < 800
    assert adata.obs_names.is_unique and adata.obs["label"].nunique() == N_TYPES
    largest = counts[(adata.obs["label"] == "0").to_numpy()]
    halves = [half.sum(0) / half.sum() for half in (largest[::2], largest[1::2])]
    other = counts[(adata.obs["label"] == "1").to_numpy()].sum(0)
    assert np.corrcoef(*halves)[0, 1] > np.corrcoef(halves[0], other)[0, 1] + 0.05  # types differ, halves do not


def test_the_seed_decides(tmp_path, parts_of_300):
    read = []
    for seed in (0, 0, 1):
        simulate_into(tmp_path / "cells.h5ad", 350, 100, seed)
        read.append(open_cells(tmp_path / "cells.h5ad").X[:].toarray())
    assert np.array_equal(read[0], read[1]) and not np.array_equal(read[0], read[2])


def test_shares_of_types():
    assert type_shares().sum() == pytest.approx(1)
    assert type_shares()[0] / type_shares()[-1] == pytest.approx(10)
