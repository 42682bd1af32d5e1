"""One modality says which cells are alike, another is modelled."""

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from mudata import MuData
from scipy import sparse

from mixvi.arguments import check_layer
from mixvi.model.checks import summarise
from mixvi.model.mixins.sampling import FITTED_CELLS
from mixvi.model.modality_checks import about_modality
from mixvi.nn import ExpressionProjection
from mixvi.similarity import build_similarity
from mixvi.train import align_batches

REPRESENTATION = "X_moe_similarity"  # in .obsm of the modality that is modelled
SETUP = "moe_setup"  # in .uns of the MuData
N_COMPONENTS, CHUNK = 50, 8192


class SimilarModalityMixin:
    """Registers cells with two modalities, for a model of one of them."""

    @classmethod
    def setup_mudata(
        cls,
        mdata: MuData,
        decoded: str,
        similarity: str,
        layer: str | None = None,
        similarity_layer: str | None = None,
        batch_key: str | None = None,
        categorical_covariate_keys: list[str] | None = None,
        continuous_covariate_keys: list[str] | None = None,
    ) -> None:
        """Let one modality say which cells are alike, and encode and decode another.

        The similarity is UMAP's graph of the principal components of the first modality, Pearson residuals of counts or
        z-scores of other values, batches aligned, and training starts from its communities. ``MoESimVI(mdata)`` is
        then a model of ``mdata[decoded]``, where its verbs write to, and which it needs alone afterwards: it types new
        cells for which the other modality was not measured.

        Writes to ``mdata[decoded]`` the similarity, ``.obsp["moe_similarity"]``, ``.uns["moe_similarity"]`` and
        ``.obsm["X_moe_similarity"]``, which it was built from, and what :meth:`setup_anndata` writes; and
        ``mdata.uns["moe_setup"]``.

        Parameters
        ----------
        mdata
            Cells × features of at least two modalities.
        decoded
            Name of the modality that is modelled, prepared as for :meth:`setup_anndata`.
        similarity
            Name of the modality that tells which cells are alike: raw counts or other values. It must have all cells
            of the other; the order may differ.
        layer, similarity_layer
            Layers with the values; ``.X`` if None.
        batch_key, categorical_covariate_keys, continuous_covariate_keys
            Columns of ``mdata[decoded].obs``, as in :meth:`setup_anndata`.

        Raises
        ------
        TypeError, KeyError, ValueError
            If the cells cannot be used; the message says what to do.

        Examples
        --------
        >>> from mixvi import MoESimVI
        >>> from mixvi.datasets import simulate_modalities
        >>> mdata = simulate_modalities([40, 30, 30], missing=0)
        >>> MoESimVI.setup_mudata(mdata, decoded="rna", similarity="ephys")
        >>> model = MoESimVI(mdata)
        >>> model.train()  # doctest: +SKIP
        >>> model.get_cell_types()  # doctest: +SKIP
        """
        _check(mdata, decoded, similarity)
        cells, others = mdata.mod[decoded], mdata.mod[similarity]
        if lacking := (~cells.obs_names.isin(others.obs_names)).sum():
            raise ValueError(
                f"{lacking} of {cells.n_obs} cells of {decoded!r} lack {similarity!r}, which tells the cells that are "
                f"alike. Train on the others, mdata[mdata[{decoded!r}].obs_names.intersection("
                f"mdata[{similarity!r}].obs_names)].copy(); the model types all by what it decodes."
            )
        with about_modality(similarity):
            representation = _representation(others, similarity_layer)
        with about_modality(decoded):
            cls.setup_anndata(cells, layer, batch_key, categorical_covariate_keys, continuous_covariate_keys)
        representation = representation[others.obs_names.get_indexer(cells.obs_names)]
        if batch_key is not None:
            representation = align_batches(representation, pd.factorize(cells.obs[batch_key])[0])
        cells.obsm[REPRESENTATION] = representation
        build_similarity(cells, "umap", use_rep=REPRESENTATION, n_components=None)
        mdata.uns[SETUP] = {"decoded": decoded, "similarity": similarity}


def modelled_cells(cells: AnnData | MuData | None) -> AnnData | None:
    """Of cells with several modalities, that which a model is of.

    Parameters
    ----------
    cells
        Cells; a MuData must have been prepared with :meth:`SimilarModalityMixin.setup_mudata`.

    Returns
    -------
    The modality; what was given if that is no MuData.

    Raises
    ------
    ValueError
        If the MuData was not prepared.
    """
    if not isinstance(cells, MuData):
        return cells
    if SETUP not in cells.uns:
        raise ValueError("Call MoESimVI.setup_mudata(mdata, decoded=..., similarity=...) first.")
    return cells.mod[cells.uns[SETUP]["decoded"]]


def _check(mdata: MuData, decoded: str, similarity: str) -> None:
    """Refuse what cannot be used, before long work."""
    if not isinstance(mdata, MuData):
        raise TypeError(f"mdata must be a MuData object, not {type(mdata).__name__}. For AnnData use setup_anndata().")
    for argument, name in (("decoded", decoded), ("similarity", similarity)):
        if name not in mdata.mod:
            raise KeyError(f"{argument}={name!r} is not in mdata, which has {', '.join(map(repr, mdata.mod))}.")
    if decoded == similarity:
        raise ValueError(f"decoded and similarity are both {decoded!r}. For one modality use setup_anndata().")


@torch.inference_mode()
def _representation(adata: AnnData, layer: str | None) -> np.ndarray:
    """What cells are compared by, as an encoder of this modality would see them, ``(cells, components)``."""
    check_layer(adata, layer)
    counts = summarise(adata, layer, allow_empty_genes=True).integers
    x = adata.X if layer is None else adata.layers[layer]
    projection = ExpressionProjection(adata.n_vars, min(N_COMPONENTS, adata.n_vars, adata.n_obs - 1), counts)
    some = np.sort(np.random.default_rng(0).permutation(adata.n_obs)[:FITTED_CELLS])
    projection.fit(_dense(x[some]))
    parts = [projection(_dense(x[first : first + CHUNK])).numpy() for first in range(0, adata.n_obs, CHUNK)]
    return np.concatenate(parts)


def _dense(x: np.ndarray | sparse.spmatrix) -> torch.Tensor:
    return torch.as_tensor(x.toarray() if sparse.issparse(x) else np.asarray(x), dtype=torch.float32)
