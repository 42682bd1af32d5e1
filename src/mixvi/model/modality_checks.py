"""Checks of cells with several modalities, made before any long work."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from anndata import AnnData
from mudata import MuData
from scvi import REGISTRY_KEYS

from mixvi.model.checks import MIN_CELLS, check_setup, summarise
from mixvi.model.matching import check_genes
from mixvi.model.modalities import cells_with
from mixvi.module import modality_key


def check_modalities(
    mdata: MuData, modalities: dict[str, str | None], keys: dict, registry: dict | None = None
) -> None:
    """Raise an error that says what to do if the cells cannot be modelled; change nothing.

    Parameters
    ----------
    mdata
        The cells.
    modalities
        Layer of each modality.
    keys
        ``batch_key`` and the other columns of :meth:`mixvi.CplMixVI.setup_mudata`.
    registry
        That of a model that exists, if the cells are for it.

    Raises
    ------
    TypeError
        If ``mdata`` is no MuData, or a modality no AnnData.
    KeyError
        If a modality, layer or column does not exist.
    ValueError
        If there are fewer than two modalities, cells without any, or modalities that share too few cells with others;
        or values cannot be used, or the features are not those of the model.
    """
    if not isinstance(mdata, MuData):
        raise TypeError(f"mdata must be a MuData object, not {type(mdata).__name__}. For AnnData use setup_anndata().")
    if unknown := [name for name in modalities if name not in mdata.mod]:
        raise KeyError(f"modalities: {unknown[0]!r} is not in mdata, which has {', '.join(map(repr, mdata.mod))}.")
    if len(modalities) < 2:
        raise ValueError("At least two modalities are needed. For one, use setup_anndata() with its AnnData.")
    for name, layer in modalities.items():
        _check_modality(mdata.mod[name], name, layer, registry)
    check_setup(AnnData(obs=mdata.obs), None, **keys, new_cells=True)
    present = np.stack([cells_with(mdata, name) for name in modalities])  # (modalities, cells)
    if not present.any(0).all():
        raise ValueError(
            f"{(~present.any(0)).sum()} of {mdata.n_obs} cells have none of the modalities {', '.join(modalities)}. "
            "Leave them out first."
        )
    if registry:
        return
    for name, has in zip(modalities, present, strict=True):
        shared = (has & (present.sum(0) > 1)).sum()
        if shared < MIN_CELLS:
            raise ValueError(
                f"Modality {name!r} shares {shared} cells with the others; at least {MIN_CELLS} are needed to know "
                "which of its types are which of theirs. Are cells named alike in all modalities?"
            )


def _check_modality(adata: AnnData, name: str, layer: str | None, registry: dict | None) -> None:
    """Look at the names and values of one modality."""
    none = dict.fromkeys(("batch_key", "categorical_covariate_keys", "continuous_covariate_keys"))
    with about_modality(name):
        check_setup(adata, layer, **none, new_cells=registry is not None)
        if registry:
            fields = {REGISTRY_KEYS.X_KEY: registry["field_registries"][modality_key(name)]}
            check_genes(adata, {"field_registries": fields})
        summarise(adata, layer, allow_empty_genes=registry is not None)


@contextmanager
def about_modality(name: str) -> Iterator[None]:
    """Say in the errors of a block which modality they are about.

    Parameters
    ----------
    name
        The modality.
    """
    try:
        yield
    except (TypeError, KeyError, ValueError) as error:
        raise type(error)(f"Modality {name!r}: {error.args[0]}") from error
