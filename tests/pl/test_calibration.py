import numpy as np
import pytest
from matplotlib import pyplot as plt

from mixvi import pl


@pytest.fixture
def cells(small):
    """All types are right; the confidence is .75 in one half of the cells and 1 in the other."""
    small.obs["cpl_type"] = small.obs["type"].astype(str)
    small.obs["cpl_confidence"] = np.repeat([0.75, 1.0], small.n_obs // 2)
    yield small
    plt.close("all")


def test_diagram(cells):
    ax = pl.calibration(cells, "type", n_bins=10)
    assert ax.get_title() == "calibration error 0.125"
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0.75, 1], [1, 1]])


def test_unassigned_and_unlabelled_cells_are_left_out(cells):
    cells.obs.loc[cells.obs_names[:60], "cpl_type"] = "unassigned"
    cells.obs.loc[cells.obs_names[60:70], "type"] = None
    assert pl.calibration(cells, "type").get_title() == "calibration error 0.000"
    cells.obs["cpl_type"] = "unassigned"
    with pytest.raises(ValueError, match="No cell has both"):
        pl.calibration(cells, "type")


def test_missing_columns(cells):
    with pytest.raises(KeyError, match="'other' is not a column"):
        pl.calibration(cells, "other")
    cells.obs["mine_type"] = cells.obs["cpl_type"]
    with pytest.raises(KeyError, match="'mine_confidence' is not a column"):
        pl.calibration(cells, "type", type_key="mine_type")
