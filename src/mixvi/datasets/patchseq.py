"""Neurons whose transcripts and electrophysiology were measured together, from what their authors publish."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
from anndata import AnnData
from mudata import MuData
from scipy import sparse

from mixvi.datasets.origins import CACHE

URL = "https://raw.githubusercontent.com/berenslab/mini-atlas/3bf98a524b8e48aa8647e1b9ae8f2351d9c712c9/data/"
FILES = {  # at physiological temperature; those at room temperature are 30 times larger
    "m1_patchseq_phys_temp_exon_counts.csv.gz": "7a00653c748657f028332edd43f07e33a62a79e6026a73651deac5cf414618f4",
    "m1_patchseq_phys_temp_meta_data.csv": "c351cafebe561db6e349b6805717632766849a1bfe0d038f85ccf9b11e4a8f92",
    "m1_patchseq_phys_temp_ephys_features.csv": "94521bfa0f6bc32b00fffa2f847fcc448e407ba6d537a5925c23cc6196b3f61f",
}
MEASURED = 0.9  # least share of the cells in which a feature is known


def patchseq_scala2020() -> MuData:
    """Patch-seq of interneurons of mouse motor cortex, recorded at physiological temperature (Scala et al. 2020).

    Three files (3 MB) are looked for in the folder that ``MIXVI_DATA_DIR`` names, then in the download cache, and
    downloaded otherwise; they are checked.

    Returns
    -------
    ``"rna"``, counts of reads in exons, and ``"ephys"``, features of the cells that have them; ``.obs["family"]`` and
    ``["type"]`` as the authors assigned cells by their transcripts, missing where they did not.

    Raises
    ------
    FileNotFoundError
        If the files are not there and cannot be downloaded.
    ValueError
        If a file is not what it should be.

    Examples
    --------
    >>> mdata = patchseq_scala2020()  # doctest: +SKIP
    >>> mdata["rna"].n_obs  # doctest: +SKIP
    185
    """
    return read_patchseq(*(_file(name, sha256) for name, sha256 in FILES.items()))


def read_patchseq(counts: Path, metadata: Path, ephys: Path) -> MuData:
    """Put the authors' tables together.

    Parameters
    ----------
    counts
        Genes × cells, comma-separated.
    metadata
        Cells × what is known of them, tab-separated, with ``Cell``, ``RNA family`` and ``RNA type``.
    ephys
        Cells × features, comma-separated. Features that were measured in few cells, and cells that then still lack
        one, are left out.

    Returns
    -------
    As :func:`patchseq_scala2020`.
    """
    genes = pd.read_csv(counts, index_col=0)
    rna = AnnData(sparse.csr_matrix(genes.to_numpy(np.float32).T), pd.DataFrame(index=genes.columns.astype(str)))
    rna.var_names = genes.index.astype(str)
    rna.var_names_make_unique()
    features = pd.read_csv(ephys, index_col=0)
    features.index = features.index.astype(str)
    features = features.loc[features.index.isin(rna.obs_names), features.notna().mean() >= MEASURED].dropna()
    patched = AnnData(features.to_numpy(np.float32), pd.DataFrame(index=features.index))
    patched.var_names = features.columns
    mdata = MuData({"rna": rna[np.asarray(rna.X.sum(1)).ravel() > 0].copy(), "ephys": patched})
    about = pd.read_csv(metadata, sep="\t").drop_duplicates("Cell").set_index("Cell").reindex(mdata.obs_names)
    for column, name in (("family", "RNA family"), ("type", "RNA type")):
        mdata.obs[column] = about[name].where(about[name] != "low quality").astype("category")
    return mdata


def _file(name: str, sha256: str) -> Path:
    """A file, checked."""
    folder = os.environ.get("MIXVI_DATA_DIR")
    if folder and (Path(folder) / name).is_file():
        if pooch.file_hash(str(Path(folder) / name)) != sha256:
            raise ValueError(f"{Path(folder) / name} is not the file it should be (SHA-256 {sha256}).")
        return Path(folder) / name
    try:
        return Path(pooch.retrieve(URL + name, sha256, name, CACHE))
    except OSError as error:
        raise FileNotFoundError(
            f"{name} could not be downloaded ({error}). Wanted: {URL}{name}, SHA-256 {sha256}. "
            f"Put it in a folder that MIXVI_DATA_DIR names, or in {CACHE}."
        ) from error
