import numpy as np
import pytest
from matplotlib import pyplot as plt

from mixvi import pl


@pytest.fixture
def cells(small):
    """Types of 60, 40 and 20 cells; condition "b" has the last type and a half of the first."""
    rank = small.obs["type"].astype(str).groupby(small.obs["type"].astype(str)).cumcount()
    of_b = (small.obs["type"].astype(str) == "2") | ((small.obs["type"].astype(str) == "0") & (rank >= 30))
    small.obs["condition"] = np.where(of_b, "b", "a")
    yield small
    plt.close("all")


def heights(ax) -> list[list[float]]:
    return [[bar.get_height() for bar in bars] for bars in ax.containers]


def test_shares(cells):
    ax = pl.composition(cells, "type", by="condition")
    assert heights(ax) == [[0.5, 1, 0], [0.5, 0, 1]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["b", "a"]  # in the order of the stack
    (line,) = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert line.get_ydata()[0] == pytest.approx(70 / 120)


def test_numbers_of_cells_on_given_axes(cells):
    _, ax = plt.subplots()
    assert pl.composition(cells, "type", by="condition", normalize=False, ax=ax) is ax
    assert heights(ax) == [[30, 40, 0], [30, 0, 20]]


def test_colours_of_scanpy_are_used(cells):
    cells.obs["condition"] = cells.obs["condition"].astype("category")
    cells.uns["condition_colors"] = ["#ff0000", "#0000ff"]
    ax = pl.composition(cells, "type", by="condition")
    assert [bars[0].get_facecolor()[:3] for bars in ax.containers] == [(1, 0, 0), (0, 0, 1)]


def test_missing_column(cells):
    with pytest.raises(KeyError, match="'donor' is not a column"):
        pl.composition(cells, "type", by="donor")
