"""Preparing cytometry: which markers tell types, and on what scale."""

import numpy as np
from anndata import AnnData
from scipy import sparse

from mixvi.arguments import check_above, check_anndata, check_layer, check_names


def arcsinh(adata: AnnData, cofactor: float = 5.0, layer: str | None = None, key_added: str = "arcsinh") -> None:
    """Write arcsinh(values / cofactor) to ``.layers[key_added]``: linear near 0, logarithmic far from it.

    Parameters
    ----------
    adata
        Cells with raw intensities.
    cofactor
        Where linear turns into logarithmic, in units of the intensities: 5 is usual for mass cytometry, 150 for
        fluorescence.
    layer
        Layer with the intensities; ``.X`` if None.
    key_added
        Layer to write, single precision; sparse if the intensities are.

    Raises
    ------
    KeyError
        If the layer does not exist.
    ValueError
        If the cofactor is not above 0.

    Examples
    --------
    >>> adata = AnnData(np.array([[0.0, 5.0]]))
    >>> arcsinh(adata)
    >>> adata.layers["arcsinh"].round(4).tolist()
    [[0.0, 0.8813999891281128]]
    """
    check_anndata(adata)
    check_names(key_added=key_added)
    check_above(0, cofactor=cofactor)
    check_layer(adata, layer)
    values = adata.X if layer is None else adata.layers[layer]
    if values is None:
        raise ValueError("adata.X is empty. Name the layer with the values: layer=...")
    scaled = values / cofactor
    adata.layers[key_added] = (scaled.arcsinh() if sparse.issparse(scaled) else np.arcsinh(scaled)).astype(np.float32)


def select_markers(adata: AnnData, marker_class: str = "type") -> AnnData:
    """The cells with the markers of one class only.

    Parameters
    ----------
    adata
        Cells with ``.var["marker_class"]``: by convention ``"type"`` for markers that tell cell types, ``"state"`` for
        those of signalling and function, ``"none"`` for the rest.
    marker_class
        Class to keep.

    Returns
    -------
    A copy.

    Raises
    ------
    KeyError
        If ``.var["marker_class"]`` is not there.
    ValueError
        If no marker is of that class.

    Examples
    --------
    >>> adata = AnnData(np.zeros((2, 3)))
    >>> adata.var["marker_class"] = ["type", "state", "type"]
    >>> select_markers(adata).shape
    (2, 2)
    """
    check_anndata(adata)
    if "marker_class" not in adata.var:
        raise KeyError("adata.var has no 'marker_class'. Write 'type', 'state' or 'none' there for every marker.")
    chosen = (adata.var["marker_class"] == marker_class).to_numpy()
    if not chosen.any():
        known = ", ".join(sorted(map(str, adata.var["marker_class"].unique())))
        raise ValueError(f"No marker is of class {marker_class!r}. There are {known}.")
    return adata[:, chosen].copy()
