import h5py
import numpy as np
import pooch
import pytest
from scipy.io import savemat

from mixvi.datasets import load, loading, pictures, render_sprites, sprite_factors
from mixvi.datasets.registry import DATASETS, DataSet


def test_a_file_of_sprites_is_read(tmp_path, monkeypatch):
    factors = sprite_factors([5, 300_000, 737_000])
    with h5py.File(tmp_path / "a.hdf5", "w") as file:
        file["imgs"] = render_sprites(factors)
        file["latents/classes"] = np.c_[np.zeros(3, int), factors]  # the colour comes first
    monkeypatch.setattr(pictures, "ROWS", 2)
    adata = pictures.read_dsprites(tmp_path / "a.hdf5")
    np.testing.assert_array_equal(adata.X.toarray().reshape(-1, 64, 64), render_sprites(factors))
    assert adata.obs["label"].tolist() == ["square", "ellipse", "heart"]
    np.testing.assert_array_equal(adata.obs[["scale", "orientation", "x", "y"]], factors[:, 1:])


def test_a_file_of_house_numbers_is_read(tmp_path):
    images = np.random.default_rng(0).integers(256, size=(2, 32, 32, 3)).astype(np.uint8)
    savemat(tmp_path / "a.mat", {"X": np.moveaxis(images, 0, -1), "y": np.array([[10], [3]], np.uint8)})
    adata = pictures.read_svhn(tmp_path / "a.mat")
    np.testing.assert_allclose(adata.X.reshape(2, 32, 32, 3), images / 255, rtol=1e-6)
    assert adata.obs["label"].tolist() == ["0", "3"]
    assert list(adata.uns["mixvi"]["image_shape"]) == [32, 32, 3]


def test_files_with_a_reader_and_an_md5(tmp_path, monkeypatch):
    path = tmp_path / "small.mat"
    savemat(path, {"X": np.ones((4, 4, 3, 2), np.uint8), "y": np.ones((2, 1))})
    monkeypatch.setenv("MIXVI_DATA_DIR", str(tmp_path))
    data = DataSet("", "", "label", file=path.name, md5=pooch.file_hash(str(path), "md5"), read=pictures.read_svhn)
    monkeypatch.setitem(loading.DATASETS, "small", data)
    assert load("small").shape == (2, 48)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ValueError, match="MD5"):
        load("small")


def test_pictures_have_one_checksum():
    for name in ("mnist", "dsprites", "svhn"):
        assert (DATASETS[name].sha256 is None) != (DATASETS[name].md5 is None)
