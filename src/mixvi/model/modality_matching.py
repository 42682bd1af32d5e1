"""Making cells with several modalities, or with one of them, fit a model that exists."""

import numpy as np
import pandas as pd
from anndata import AnnData
from mudata import MuData
from scipy import sparse

from mixvi.model.matching import match_cells
from mixvi.model.modalities import rows_of_all_cells
from mixvi.model.modality_checks import about_modality


def match_modalities(
    cells: MuData | AnnData, genes: dict[str, np.ndarray], registry: dict, likelihood: dict[str, str]
) -> MuData:
    """Cells with what a model needs and nothing else: all its modalities, with zeros where a cell lacks one.

    Parameters
    ----------
    cells
        Cells with some or all of the model's modalities; or the AnnData of one of them, known by its features.
    genes
        The model's features of each modality, matched by name.
    registry
        The model's registry.
    likelihood
        The model's likelihoods.

    Returns
    -------
    New cells, in the order of ``cells``, which are not changed.

    Raises
    ------
    TypeError, KeyError, ValueError
        If none of the modalities is there, a cell has none, or one does not fit; see
        :func:`~mixvi.model.matching.match_cells`.
    """
    given = _given_modalities(cells, genes)
    setup, names = registry["setup_args"], cells.obs_names
    layers = setup["modalities"]
    of_one = {key: value for key, value in setup.items() if key != "modalities"}
    parts = {}
    for name, adata in given.items():
        bare = _bare(adata, layers[name], cells.obs)
        with about_modality(name):
            one = registry | {"setup_args": of_one | {"layer": layers[name]}}
            parts[name] = match_cells(bare, genes[name], one, likelihood[name])
    has_some = np.logical_or.reduce([names.isin(part.obs_names) for part in parts.values()])
    if not has_some.all():
        raise ValueError(f"{(~has_some).sum()} of {len(names)} cells have none of the modalities {', '.join(parts)}.")
    padded = {}
    for name, features in genes.items():
        matrix = sparse.csr_matrix((len(names), len(features)), dtype=np.float32)
        if name in parts:
            values = parts[name].layers[layers[name]] if layers[name] else parts[name].X
            matrix = rows_of_all_cells(values, parts[name].obs_names.get_indexer(names) + 1)
        padded[name] = _with_values(matrix, pd.DataFrame(index=names), pd.Index(features), layers[name])
    matched = MuData(padded)
    obs = pd.concat([part.obs for part in parts.values()])
    matched.obs = obs[~obs.index.duplicated()].loc[names]
    return matched


def _bare(adata: AnnData, layer: str | None, obs: pd.DataFrame) -> AnnData:
    """A modality with the values that are needed, if they are there, and the columns of all cells."""
    if layer is not None and layer not in adata.layers:
        return AnnData(obs=obs.loc[adata.obs_names], var=pd.DataFrame(index=adata.var_names))
    matrix = adata.X if layer is None else adata.layers[layer]
    return _with_values(matrix, obs.loc[adata.obs_names], adata.var_names, layer)


def _with_values(
    matrix: np.ndarray | sparse.spmatrix, obs: pd.DataFrame, features: pd.Index, layer: str | None
) -> AnnData:
    """An AnnData of values in ``.X`` or a layer."""
    return AnnData(
        matrix if layer is None else None,
        obs=obs,
        var=pd.DataFrame(index=features),
        layers=None if layer is None else {layer: matrix},
    )


def _given_modalities(cells: MuData | AnnData, genes: dict[str, np.ndarray]) -> dict[str, AnnData]:
    """The model's modalities that the cells have, by name."""
    if isinstance(cells, MuData):
        given = {name: cells.mod[name] for name in genes if name in cells.mod}
        if not given:
            raise KeyError(f"mdata has none of the model's modalities {', '.join(map(repr, genes))}.")
        return given
    if not isinstance(cells, AnnData):
        raise TypeError(f"The cells must be a MuData or AnnData object, not {type(cells).__name__}.")
    fitting = [name for name, features in genes.items() if set(features) <= set(cells.var_names)]
    if len(fitting) != 1:
        raise ValueError(
            f"adata has the features of {' and '.join(map(repr, fitting)) or 'none'} of the model's modalities "
            f"{', '.join(map(repr, genes))}. Pass MuData({{name: adata}}), with the name of its modality."
        )
    return {fitting[0]: cells}
