"""Data sets by name."""

import os
from pathlib import Path

import numpy as np
import pooch
from anndata import AnnData

from mixvi.datasets import origins
from mixvi.datasets.registry import DATASETS, DataSet

UNLABELLED = "(none)"


def available() -> list[str]:
    """Names that :func:`~mixvi.datasets.load` knows.

    Returns
    -------
    The names; ``mixvi.datasets.DATASETS`` says what is behind them.

    Examples
    --------
    >>> "paul2015" in available()
    True
    """
    return list(DATASETS)


def at_hand(name: str) -> bool:
    """Whether a data set can be loaded without a download: it comes with a package, or its file is there.

    Parameters
    ----------
    name
        One of :func:`~mixvi.datasets.available`.

    Returns
    -------
    Whether it can. The file is not looked into.

    Examples
    --------
    >>> at_hand("digits")
    True
    """
    file = DATASETS[name].file
    return file is None or any((place / file).is_file() for place in _places())


def load(name: str) -> AnnData:
    """Load a data set.

    Its prepared file is looked for in the folder that the environment variable ``MIXVI_DATA_DIR`` names, then in
    the download cache (``pooch.os_cache("mixvi")``), and checked. Otherwise the data are made from what is published,
    where that can be done with one download; gene filters may then differ, see ``DATASETS[name].description``.

    The tests parse files laid out like the published ones but download nothing.

    Parameters
    ----------
    name
        One of :func:`~mixvi.datasets.available`.

    Returns
    -------
    The cells (or images): values in ``.X``, labels in ``.obs[DATASETS[name].labels_key]``, NaN where the authors gave
    none. Images have ``.uns["mixvi"]["image_shape"]``.

    Raises
    ------
    ValueError
        If the name is unknown, or the file is damaged.
    FileNotFoundError
        If the file is not there and cannot be made.

    Examples
    --------
    >>> load("digits").shape
    (1797, 64)
    """
    if name not in DATASETS:
        raise ValueError(f"There is no data set {name!r}. Choose one of {', '.join(available())}.")
    data = DATASETS[name]
    path = _find(data)
    if path is None:
        adata = _make(data)
    else:
        adata = data.read(path)
    for column in adata.obs.select_dtypes("category"):
        if UNLABELLED in adata.obs[column].cat.categories:
            adata.obs[column] = adata.obs[column].cat.remove_categories(UNLABELLED)
    if np.issubdtype(adata.X.dtype, np.integer):
        adata.X = adata.X.astype(np.float32)
    return adata


def _find(data: DataSet) -> Path | None:
    """The prepared file, checked."""
    if data.file is None:
        return None
    for place in _places():
        path = place / data.file
        if path.is_file():
            known = data.md5 or data.sha256
            if known and pooch.file_hash(str(path), "md5" if data.md5 else "sha256") != known:
                raise ValueError(f"{path} is not the file it should be ({_checksum(data)}). Replace or remove it.")
            return path
    return None


def _places() -> list[Path]:
    """Folders in which files are looked for."""
    folder = os.environ.get("MIXVI_DATA_DIR")
    return ([Path(folder)] if folder else []) + [Path(origins.CACHE)]


def _make(data: DataSet) -> AnnData:
    """The data from their origin."""
    checked = f", {_checksum(data)}" if data.md5 or data.sha256 else ""
    wanted = (
        f"Wanted: {data.file}{checked}, made of {data.source}. "
        f"Put it in a folder that MIXVI_DATA_DIR names, or in {origins.CACHE}."
    )
    if data.origin is None:
        raise FileNotFoundError(f"This data set cannot be downloaded in one piece. {wanted}")
    try:
        return data.origin()
    except OSError as error:
        raise FileNotFoundError(f"The data could not be downloaded ({error}). {wanted}") from error


def _checksum(data: DataSet) -> str:
    return f"MD5 {data.md5}" if data.md5 else f"SHA-256 {data.sha256}"
