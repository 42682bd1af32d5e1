import numpy as np
import pytest
from matplotlib import pyplot as plt

from mixvi import pl
from mixvi.images import to_anndata


@pytest.fixture
def moved():
    """Images with a traversal of two types along three dimensions in four steps, every pixel of a step the same."""
    adata = to_anndata(np.random.default_rng(0).random((6, 5, 4)), labels=list("aabbbc"))
    value = np.arange(2 * 3 * 4).reshape(2, 3, 4, 1) / 24
    adata.uns["cpl_traversal"] = {
        "expression": np.broadcast_to(value, (2, 3, 4, 20)),
        "types": np.array(["0", "1"], dtype=object),
        "dims": np.array([0, 2, 5]),
    }
    yield adata
    plt.close("all")


def test_steps_stand_side_by_side_and_types_below_each_other(moved):
    axes = pl.image_traversal(moved, dims=[5, 0])
    assert [ax.get_title() for ax in axes] == ["dimension 5", "dimension 0"]
    picture = axes[0].images[0].get_array()
    assert picture.shape == (2 * 6, 4 * 5)
    np.testing.assert_allclose(picture[0, ::5].data, np.array([8, 9, 10, 11]) / 24)
    np.testing.assert_allclose(picture[6, ::5].data, np.array([20, 21, 22, 23]) / 24)
    assert picture.mask[5].all()
    assert picture.mask[:, 4].all()
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["0", "1"]
    assert len(pl.image_traversal(moved, types=["1"])) == 3


def test_what_was_not_traversed(moved):
    with pytest.raises(KeyError, match="dims: 1 was not traversed; 0, 2, 5 were"):
        pl.image_traversal(moved, dims=[1])
    with pytest.raises(KeyError, match="Call model.traverse_state"):
        pl.image_traversal(moved, key="joint_traversal")
    moved.uns["cpl_traversal"]["expression"] = np.zeros((2, 3, 4, 7))
    with pytest.raises(ValueError, match="Only 7 of 20 pixels"):
        pl.image_traversal(moved)


def test_groups_have_rows_of_their_own_images(moved):
    ax = pl.image_grid(moved, "label", n_images=2)
    picture = ax.images[0].get_array()
    first = moved[moved.obs["label"] == "c"].X.reshape(5, 4)
    np.testing.assert_allclose(picture[12:17, :4].data, first, rtol=1e-6)
    assert picture.mask[12:17, 5:9].all()  # there is one image only
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_colours_are_kept():
    colour = np.random.default_rng(0).random((2, 3, 3, 3))
    ax = pl.image_grid(to_anndata(colour, labels=["x", "y"]), "label", n_images=1)
    np.testing.assert_allclose(ax.images[0].get_array()[4:7, :3], colour[1], rtol=1e-6)


def test_cells_are_no_images(small):
    with pytest.raises(ValueError, match="no images"):
        pl.image_grid(small, "type")
    with pytest.raises(KeyError, match="not a column"):
        pl.image_grid(small, "kind")


def test_no_grid_crosses_the_images(moved):
    with plt.rc_context({"axes.grid": True, "axes.axisbelow": False}):
        lines = pl.image_grid(moved, "label").get_ygridlines()
    assert lines
    assert not any(line.get_visible() for line in lines)
