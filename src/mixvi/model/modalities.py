"""Cells with several modalities, some of which they may lack, as scvi-tools' loaders see them."""

import numpy as np
import pandas as pd
from mudata import MuData
from scipy import sparse
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager, AnnDataManagerValidationCheck
from scvi.data.fields import (
    MuDataCategoricalJointObsField,
    MuDataCategoricalObsField,
    MuDataLayerField,
    MuDataNumericalJointObsField,
)

from mixvi.module import modality_key


class ModalitiesManager(AnnDataManager):
    """scvi-tools' manager for cells that need not have all modalities.

    Values of a modality are handed out with a row for every cell of the MuData, in its order: of zeros where a cell
    lacks the modality. They are the user's own where nothing has to be moved.
    """

    def __init__(self, fields: list, setup_method_args: dict, validation_checks: object = None):
        super().__init__(fields, setup_method_args, AnnDataManagerValidationCheck(check_fully_paired_mudata=False))

    def get_from_registry(self, registry_key: str) -> np.ndarray | sparse.spmatrix | pd.DataFrame:
        """Values of all cells."""
        values = super().get_from_registry(registry_key)
        modality = self.data_registry[registry_key].get("mod_key")
        return values if modality is None else rows_of_all_cells(values, self.adata.obsmap[modality])


def cells_with(mdata: MuData, modality: str) -> np.ndarray:
    """Which cells have a modality.

    Parameters
    ----------
    mdata
        Cells.
    modality
        Its name.

    Returns
    -------
    Boolean, shape ``(cells,)``.
    """
    return np.asarray(mdata.obsm[modality], bool).ravel()


def rows_of_all_cells(values: np.ndarray | sparse.spmatrix, row: np.ndarray) -> np.ndarray | sparse.csr_matrix:
    """Rows in another order, with zeros for those that are missing.

    Parameters
    ----------
    values
        Matrix, shape ``(rows, features)``.
    row
        Where each cell is in it, from 1; 0 if it is missing. As in ``MuData.obsmap``.

    Returns
    -------
    Matrix of shape ``(cells, features)``; ``values`` itself if the cells are its rows.

    Examples
    --------
    >>> rows_of_all_cells(np.array([[1.0], [2.0]]), np.array([2, 0, 1])).ravel().tolist()
    [2.0, 0.0, 1.0]
    """
    row = np.asarray(row).ravel().astype(int)
    if np.array_equal(row, np.arange(1, values.shape[0] + 1)):
        return values
    cells = np.flatnonzero(row)
    if sparse.issparse(values):
        ones = np.ones(len(cells), values.dtype)
        return sparse.csr_matrix((ones, (cells, row[cells] - 1)), (len(row), values.shape[0])) @ values
    out = np.zeros((len(row), values.shape[1]), values.dtype)
    out[cells] = values[row[cells] - 1]
    return out


def register_modalities(mdata: MuData, setup_method_args: dict, **kwargs) -> ModalitiesManager:
    """Register cells with scvi-tools.

    Parameters
    ----------
    mdata
        Cells.
    setup_method_args
        Name of the model and arguments of :meth:`mixvi.CplMixVI.setup_mudata`, as scvi-tools collects them; a model's
        registry has them, too.
    **kwargs
        Used by scvi-tools when a set-up is transferred.

    Returns
    -------
    The manager.
    """
    setup = setup_method_args["setup_args"]
    fields = [
        MuDataLayerField(modality_key(name), layer, mod_key=name, mod_required=True, is_count_data=False)
        for name, layer in setup["modalities"].items()
    ]
    fields += [
        MuDataCategoricalObsField(REGISTRY_KEYS.BATCH_KEY, setup["batch_key"], mod_key=None),
        MuDataCategoricalJointObsField(REGISTRY_KEYS.CAT_COVS_KEY, setup["categorical_covariate_keys"], mod_key=None),
        MuDataNumericalJointObsField(REGISTRY_KEYS.CONT_COVS_KEY, setup["continuous_covariate_keys"], mod_key=None),
    ]
    own = {key: setup_method_args[key] for key in ("model_name", "setup_method_name", "setup_args")}
    manager = ModalitiesManager(fields, own)
    manager.register_fields(mdata, **kwargs)
    return manager
