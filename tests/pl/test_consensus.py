import pandas as pd
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

from mixvi import pl

CURVE = pd.DataFrame({"n_types": [9, 6, 5], "mean": [0.7, 0.9, 0.98], "min": [0.3, 0.8, 0.96], "n_given_up": [3, 1, 0]})


@pytest.fixture
def cells(small) -> AnnData:
    small.uns["cpl_pruning"] = {"curve": CURVE, "min_consensus": 0.95}
    small.uns["cpl_consensus"] = pd.DataFrame([[0.9, 0.1], [0.1, 0.8]], list("01"), list("01"))
    yield small
    plt.close("all")


def test_curve_from_many_types_to_few(cells):
    ax = pl.consensus(cells)
    assert [line.get_ydata().tolist() for line in ax.get_lines()[:2]] == [CURVE["mean"].tolist(), CURVE["min"].tolist()]
    assert ax.xaxis_inverted()
    assert ax.get_ylim()[0] == pytest.approx(0.25)
    assert "5 types" in ax.get_legend_handles_labels()[1]


def test_matrix(cells):
    ax = pl.arm_consensus(cells)
    assert ax.images[0].get_array().tolist() == [[0.9, 0.1], [0.1, 0.8]]
    assert ax.get_title() == "mean 0.850"


def test_names_of_many_types_are_thinned_out(cells):
    names = [str(i) for i in range(90)]
    cells.uns["cpl_consensus"] = pd.DataFrame(0.5, names, names)
    assert [label.get_text() for label in pl.arm_consensus(cells).get_xticklabels()[:3]] == ["0", "3", "6"]


def test_nothing_to_draw(small):
    with pytest.raises(KeyError, match=r"prune_categories\(\) first"):
        pl.consensus(small)
    with pytest.raises(KeyError, match=r"get_arm_consensus\(\) first"):
        pl.arm_consensus(small)
