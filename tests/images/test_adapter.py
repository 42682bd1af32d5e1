import numpy as np
import pytest
import torch
from anndata import AnnData, read_h5ad
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from mixvi.images import shape_of_images, to_anndata, to_images

SHAPES = hnp.array_shapes(min_dims=3, max_dims=4, max_side=5)


@given(hnp.arrays(np.uint8, SHAPES), st.booleans())
def test_round_trip_of_bytes(images, as_tensor):
    adata = to_anndata(torch.as_tensor(images) if as_tensor else images)
    assert adata.X.dtype == np.float32
    assert adata.shape == (len(images), images[0].size)
    assert shape_of_images(adata) == images.shape[1:]
    back = to_images(adata)
    np.testing.assert_array_equal(np.rint(255 * back).astype(np.uint8), images)
    assert back.max() <= 1


@given(hnp.arrays(np.float32, SHAPES, elements=st.floats(-1e6, 1e6, width=32)))
def test_round_trip_of_other_numbers_is_exact(images):
    np.testing.assert_array_equal(to_images(to_anndata(images)), images)


@given(hnp.arrays(np.int64, SHAPES, elements=st.integers(0, 4095)))
def test_explicit_scale(images):
    np.testing.assert_allclose(to_images(to_anndata(images, scale=4095)), images / 4095, rtol=1e-6)


def test_pixels_are_named_by_their_place():
    images = np.arange(24.0).reshape(1, 2, 4, 3)
    adata = to_anndata(images)
    assert adata[:, "1_2_0"].X.item() == images[0, 1, 2, 0]
    assert adata.var_names.is_unique


def test_labels():
    adata = to_anndata(np.zeros((3, 2, 2)), labels=torch.tensor([7, 1, 7]))
    assert adata.obs["label"].tolist() == ["7", "1", "7"]
    assert "label" not in to_anndata(np.zeros((3, 2, 2))).obs


def test_memory_mapped_files_are_read_and_left_as_they_are(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 4), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_allclose(to_images(to_anndata(mapped)), images / 255, rtol=1e-6)
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), images)


def test_a_file_keeps_the_shape(tmp_path):
    to_anndata(np.ones((4, 3, 5))).write_h5ad(tmp_path / "images.h5ad")
    assert to_images(read_h5ad(tmp_path / "images.h5ad")).shape == (4, 3, 5)


def test_rows_of_pixels():
    rows = np.arange(24.0).reshape(2, 12)
    np.testing.assert_array_equal(to_images(rows, (3, 4)), rows.reshape(2, 3, 4))
    np.testing.assert_array_equal(to_images(sparse.csr_matrix(rows), (3, 4)), rows.reshape(2, 3, 4))
    assert to_images(torch.zeros(5, 2, 12), (2, 2, 3)).shape == (5, 2, 2, 2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"images": np.zeros((3, 4))}, ValueError, r"shape \(n, h, w\)"),
        ({"images": np.zeros((0, 3, 4))}, ValueError, "all above 0"),
        ({"images": np.zeros((3, 2, 2), dtype=object)}, TypeError, "not numbers"),
        ({"images": np.zeros((3, 2, 2)), "labels": [1, 2]}, ValueError, "2 labels for 3 images"),
        ({"images": np.zeros((3, 2, 2)), "scale": 0}, ValueError, "scale=0 must be above 0"),
    ],
)
def test_what_are_no_images(arguments, error, message):
    with pytest.raises(error, match=message):
        to_anndata(**arguments)


def test_shapes_that_do_not_fit():
    adata = to_anndata(np.ones((3, 2, 4)))
    assert shape_of_images(AnnData(np.ones((2, 2)))) is None
    with pytest.raises(ValueError, match="pass image_shape"):
        to_images(np.ones((2, 6)))
    with pytest.raises(ValueError, match="do not have 6 pixels"):
        to_images(np.ones((2, 6)), (2, 2))
    with pytest.raises(ValueError, match="adata has 5 pixels"):
        shape_of_images(adata[:, :5])
