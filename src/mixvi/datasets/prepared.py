"""Files that a user has prepared, checked against what is published about them."""

from collections.abc import Callable
from pathlib import Path

import anndata as ad
import numpy as np
from anndata import AnnData
from scipy import sparse


def prepared_reader(labels_key: str, n_labels: int) -> Callable[[Path], AnnData]:
    """A reader of an ``.h5ad`` file for which nobody publishes a checksum.

    Parameters
    ----------
    labels_key
        Column of ``.obs`` that must be there.
    n_labels
        Published number of its labels.

    Returns
    -------
    A function of the path, which raises a ValueError unless ``.X`` holds counts and the labels are as many.
    """

    def read(path: Path) -> AnnData:
        adata = ad.read_h5ad(path)
        if labels_key not in adata.obs:
            raise ValueError(f"{path} has no column .obs[{labels_key!r}] with the published types. Add it.")
        found = adata.obs[labels_key].nunique()
        if found != n_labels:
            raise ValueError(
                f"{path} has {found} types in .obs[{labels_key!r}]; {n_labels} are published. Keep their cells alone."
            )
        values = adata.X.data if sparse.issparse(adata.X) else np.asarray(adata.X)
        if values.size and (values.min() < 0 or (values != np.round(values)).any()):
            raise ValueError(f"{path} has values in .X that are no counts. Put raw counts there.")
        return adata

    return read
