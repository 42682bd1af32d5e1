"""Data sets of images from what their authors publish."""

from pathlib import Path

import h5py
import numpy as np
import pooch
from anndata import AnnData
from scipy.io import loadmat

from mixvi.datasets import origins
from mixvi.datasets.sprites import sprites_to_cells

DSPRITES_FILE = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.hdf5"
DSPRITES_URL = f"https://github.com/google-deepmind/dsprites-dataset/raw/master/{DSPRITES_FILE}"
DSPRITES_SHA256 = "729fa22e884c9c500e1f17415d580746b4c5894fbbb780a1319bbcfa39a745bb"  # as TensorFlow Datasets has it
SVHN_FILE = "train_32x32.mat"
SVHN_URL = f"http://ufldl.stanford.edu/housenumbers/{SVHN_FILE}"
SVHN_MD5 = "e26dedcc434d2e4c54c9b2d4a06d8373"  # as torchvision has it; no SHA-256 is published
ROWS = 4096  # images read at once


def read_dsprites(path: Path) -> AnnData:
    """The sprites of the ``.hdf5`` file, as sparse observations; it is read in chunks."""
    with h5py.File(path) as file:
        images, factors = file["imgs"], file["latents/classes"][:, 1:]  # the first is the colour, always white
        chunks = (images[first : first + ROWS] for first in range(0, len(images), ROWS))
        return sprites_to_cells(chunks, factors, [f"sprite{i}" for i in range(len(images))])


def read_svhn(path: Path) -> AnnData:
    """The cropped house numbers of a ``.mat`` file with ``X`` (row, column, channel, image) and ``y`` (10 for a 0)."""
    arrays = loadmat(path)
    return origins.images_to_cells(np.moveaxis(arrays["X"], -1, 0), arrays["y"].ravel() % 10, 255)


def download_dsprites() -> AnnData:
    """The sprites from their authors."""
    return read_dsprites(Path(pooch.retrieve(DSPRITES_URL, DSPRITES_SHA256, DSPRITES_FILE, origins.CACHE)))


def download_svhn() -> AnnData:
    """The house numbers from their authors."""
    return read_svhn(Path(pooch.retrieve(SVHN_URL, f"md5:{SVHN_MD5}", "svhn_train_32x32.mat", origins.CACHE)))
