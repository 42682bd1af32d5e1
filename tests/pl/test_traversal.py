import numpy as np
import pytest
from anndata import AnnData
from matplotlib import pyplot as plt

from mixvi.pl import traversal

SETS = {"marker": ["a", "b"], "activity": ["c"]}


@pytest.fixture
def traversed():
    """Two types, one dimension, three steps, genes a to d; c doubles with each step in type y."""
    expression = np.full((2, 1, 3, 4), 3.0, np.float32)
    expression[1, 0, :, 2] = [1, 3, 7]
    adata = AnnData(np.zeros((1, 1)))
    adata.uns["cpl_traversal"] = {
        "expression": expression,
        "state": np.array([[[-1.0, -0.01, 1.0]], [[-2.0, 0.5, 2.0]]]),
        "quantiles": np.array([0.05, 0.5, 0.95]),
        "types": np.array(["x", "y"], dtype=object),
        "dims": np.array([1]),
        "genes": np.array(list("abcd"), dtype=object),
        "params": {"counts": True, "groupby": ""},
    }
    yield adata
    plt.close("all")


def test_colours_are_changes_from_the_middle(traversed):
    axes = traversal(traversed, ["y", "x"], SETS, dim=1)
    changes = [[mesh.get_array().ravel().tolist() for mesh in ax.collections] for ax in axes]
    assert changes == [[[0, 0, 0], [0, 0, 0], [-1, 0, 1]], [[0, 0, 0]] * 3]
    assert len({mesh.get_clim() for ax in axes for mesh in ax.collections}) == 1
    assert [tick.get_text() for tick in axes[-1].get_xticklabels()] == ["a", "b", "c"]
    assert [tick.get_text() for tick in axes[1].get_yticklabels()] == ["-1.0", "0.0", "1.0"]
    assert [text.get_text() for text in axes[0].texts] == ["marker", "activity"]


def test_one_type_by_name(traversed):
    (ax,) = traversal(traversed, "x", SETS, dim=1)
    assert ax.get_ylabel() == "type x\nstate 1"


@pytest.mark.parametrize(
    ("type", "sets", "dim", "error", "message"),
    [
        ("z", SETS, 1, KeyError, "no types z"),
        ("x", {"marker": ["a", "Fos"]}, 1, KeyError, "no genes Fos"),
        ("x", SETS, 0, KeyError, "no dimensions 0"),
        ("x", {}, 1, ValueError, "one or more genes"),
    ],
)
def test_what_was_not_traversed(traversed, type, sets, dim, error, message):
    with pytest.raises(error, match=message):
        traversal(traversed, type, sets, dim)


def test_before_traversing():
    with pytest.raises(KeyError, match=r"Call model.traverse_state\(\) first"):
        traversal(AnnData(np.zeros((1, 1))), "x", SETS)
