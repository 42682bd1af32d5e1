"""Cells whose values stay in their file."""

from pathlib import Path

import h5py
import numpy as np
import zarr
from anndata import AnnData
from anndata.io import read_elem, sparse_dataset

OTHERS = ("obs", "var", "obsm", "varm", "obsp", "varp", "uns")  # parts of a file that are read


def open_cells(path: str | Path) -> AnnData:
    """Open a file of cells and leave ``.X`` and layers in it, to be read when they are needed.

    Everything else is read. Unlike AnnData's backed mode this takes ``.zarr`` as well as ``.h5ad``, and leaves layers
    in the file, too. The file is not changed: answers of a model are written to the object in memory. It must be
    there, unchanged, as long as the object is used.

    Parameters
    ----------
    path
        An ``.h5ad`` file, or a ``.zarr`` folder, as AnnData writes them.

    Returns
    -------
    The cells. What is taken from them, such as ``adata[:100]``, is in memory.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it does not hold cells as AnnData writes them.

    Examples
    --------
    >>> adata = mixvi.open_cells("atlas.h5ad")  # doctest: +SKIP
    >>> CplMixVI.setup_anndata(adata, layer="counts")  # doctest: +SKIP
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        file = zarr.open_group(path, mode="r") if path.is_dir() else h5py.File(path, "r")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is neither an .h5ad file nor a .zarr folder.") from error
    if not {"obs", "var"} <= set(file):
        raise ValueError(f"{path} does not hold cells as AnnData writes them: it has no obs or no var.")
    parts = {name: read_elem(file[name]) for name in OTHERS if name in file}
    layers = {name: _matrix(file["layers"][name]) for name in file["layers"]} if "layers" in file else {}
    return AnnData(X=_matrix(file["X"]) if "X" in file else None, layers=layers, **parts)


def _matrix(stored: object) -> object:
    """A matrix of cells × genes, left where it is."""
    kind = stored.attrs.get("encoding-type", "array")
    if kind in ("csr_matrix", "csc_matrix"):
        return sparse_dataset(stored)
    return stored if kind == "array" and np.dtype(stored.dtype).kind in "iuf" else read_elem(stored)
