"""Data sets made from what their authors, or libraries, publish."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
import scanpy as sc
from anndata import AnnData
from scipy import sparse
from sklearn.datasets import load_digits

CACHE = pooch.os_cache("mixvi")
ZEISEL_URL = "https://storage.googleapis.com/linnarsson-lab-www-blobs/blobs/cortex/expression_mRNA_17-Aug-2014.txt"
ZEISEL_HEADER = 11  # rows above the genes: ten of annotation and an empty one
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def images_to_cells(images: np.ndarray, labels: np.ndarray, maximum: float) -> AnnData:
    """Images as observations, ``(images, height, width)``, their pixels divided by ``maximum``."""
    adata = AnnData(images.reshape(len(images), -1).astype(np.float32) / np.float32(maximum))
    adata.obs_names = [f"image{i}" for i in range(len(images))]
    adata.obs["label"] = pd.Categorical(labels.astype(str))
    adata.uns["mixvi"] = {"image_shape": list(images.shape[1:])}
    return adata


def read_mnist(path: Path) -> AnnData:
    """The 70,000 digits of an ``.npz`` with ``x_train``, ``y_train``, ``x_test`` and ``y_test``."""
    with np.load(path) as arrays:
        images, labels = (np.concatenate([arrays[f"{part}_train"], arrays[f"{part}_test"]]) for part in "xy")
        n_train = len(arrays["x_train"])
    adata = images_to_cells(images, labels, 255)
    adata.obs["split"] = pd.Categorical(np.where(np.arange(len(images)) < n_train, "train", "test"))
    return adata


def read_zeisel(path: Path) -> AnnData:
    """Counts and both levels of classes of the authors' text file, all genes."""
    table = pd.read_csv(path, sep="\t", header=None, dtype=str, keep_default_na=False)
    annotation = table.iloc[: ZEISEL_HEADER - 1, 1:].set_index(1).T
    genes = table.iloc[ZEISEL_HEADER:]
    adata = AnnData(sparse.csr_matrix(genes.iloc[:, 2:].to_numpy(dtype=np.float32).T))
    adata.obs_names, adata.var_names = annotation["cell_id"].to_numpy(), genes[0].to_numpy()
    adata.var_names_make_unique()
    adata.obs["cell_type"] = pd.Categorical(annotation["level2class"].to_numpy())
    adata.obs["class"] = pd.Categorical(annotation["level1class"].to_numpy())
    return adata


def download_mnist() -> AnnData:
    """MNIST as Keras distributes it."""
    return read_mnist(Path(pooch.retrieve(MNIST_URL, MNIST_SHA256, "mnist_keras.npz", CACHE)))


def download_zeisel() -> AnnData:
    """The cortex from its authors: 19,972 genes, where the filtered file has 4,412."""
    return read_zeisel(Path(pooch.retrieve(ZEISEL_URL, None, ZEISEL_URL.rsplit("/", 1)[1], CACHE)))


def download_paul() -> AnnData:
    """Myeloid progenitors through scanpy."""
    with _scanpy_folder():
        adata = sc.datasets.paul15()
    clusters = adata.obs["paul15_clusters"].astype(str)
    adata.X = sparse.csr_matrix(adata.X)
    adata.obs = pd.DataFrame({"cell_type": clusters, "class": clusters.str.lstrip("0123456789")}).astype("category")
    return adata


def download_pbmc3k() -> AnnData:
    """Blood cells through scanpy, with the labels of its tutorial."""
    with _scanpy_folder():
        raw, processed = sc.datasets.pbmc3k(), sc.datasets.pbmc3k_processed()
    adata = raw[processed.obs_names].copy()
    adata.obs["cell_type"] = processed.obs["louvain"]
    sc.pp.filter_genes(adata, min_cells=1)
    return adata


def pbmc68k_reduced() -> AnnData:
    """Log-normalised blood cells that come with scanpy."""
    return sc.datasets.pbmc68k_reduced().raw.to_adata()


def digits() -> AnnData:
    """Handwritten digits that come with scikit-learn."""
    bunch = load_digits()
    return images_to_cells(bunch.images, bunch.target, 16)


@contextmanager
def _scanpy_folder() -> Iterator[None]:
    """Let scanpy download to our cache rather than to the working directory."""
    before, sc.settings.datasetdir = sc.settings.datasetdir, Path(CACHE)
    Path(CACHE).mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        sc.settings.datasetdir = before
