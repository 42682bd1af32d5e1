"""Cells in files of all kinds."""

from collections.abc import Callable
from pathlib import Path

import anndata as ad
import pytest
from anndata import AnnData
from scipy import sparse

from mixvi import open_cells


@pytest.fixture
def in_file(tmp_path: Path) -> Callable[[AnnData, str], AnnData]:
    """Writes cells to a file, and opens it."""

    def write(adata: AnnData, kind: str) -> AnnData:
        adata = adata.copy()
        dense = adata.X.toarray() if sparse.issparse(adata.X) else adata.X
        adata.X = dense if kind == "dense" else sparse.csr_matrix(dense)
        path = tmp_path / f"{kind}.{'zarr' if kind == 'zarr' else 'h5ad'}"
        if kind == "zarr":
            adata.write_zarr(path)
        else:
            adata.write_h5ad(path, compression="gzip" if kind == "h5ad" else None)
        return ad.read_h5ad(path, backed="r") if kind == "backed" else open_cells(path)

    return write
