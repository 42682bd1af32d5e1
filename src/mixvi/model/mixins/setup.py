"""Where a model finds expression, batch and covariates."""

import rich.pretty  # noqa: F401  scvi-tools' view_anndata_setup uses it without importing it
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.data import AnnDataManager
from scvi.data.fields import CategoricalJointObsField, CategoricalObsField, LayerField, NumericalJointObsField

from mixvi.arguments import check_anndata
from mixvi.images import shape_of_images
from mixvi.model.checks import check_setup, summarise
from mixvi.model.matching import check_genes


class SetupMixin:
    """Registers cells with scvi-tools, after a look at them."""

    def __init__(self, adata: AnnData | None = None, registry: dict | None = None):
        if adata is not None:
            check_anndata(adata)
        super().__init__(adata, registry)

    @classmethod
    def setup_anndata(
        cls,
        adata: AnnData,
        layer: str | None = None,
        batch_key: str | None = None,
        categorical_covariate_keys: list[str] | None = None,
        continuous_covariate_keys: list[str] | None = None,
        **kwargs,
    ) -> None:
        """Check the cells, and say where expression, batch and covariates are.

        Nothing is changed but what scvi-tools does: it writes ``.obs["_scvi_batch"]`` and ``"_scvi"`` entries of
        ``.uns`` and ``.obsm``, and lays a dense matrix out in rows.

        Parameters
        ----------
        adata
            Cells × genes: raw counts or log-normalised values, dense or sparse.
        layer
            Layer with the expression values; None for ``adata.X``.
        batch_key
            Column of ``.obs`` with the batch (donor, chip, …) of each cell.
        categorical_covariate_keys, continuous_covariate_keys
            Columns of ``.obs`` with other influences that are neither type nor state.
        **kwargs
            Used by scvi-tools when a set-up is transferred.

        Raises
        ------
        TypeError, KeyError, ValueError
            If the cells cannot be used; the message says what to do.

        Examples
        --------
        >>> CplMixVI.setup_anndata(adata, layer="counts", batch_key="donor")  # doctest: +SKIP
        """
        setup_method_args = cls._get_setup_method_args(**locals())
        new_cells = "source_registry" in kwargs
        check_setup(adata, layer, batch_key, categorical_covariate_keys, continuous_covariate_keys, new_cells)
        if new_cells:
            check_genes(adata, kwargs["source_registry"])
        summarise(adata, layer, allow_empty_genes=new_cells or shape_of_images(adata) is not None)
        fields = [
            LayerField(REGISTRY_KEYS.X_KEY, layer, is_count_data=False),
            CategoricalObsField(REGISTRY_KEYS.BATCH_KEY, batch_key),
            CategoricalJointObsField(REGISTRY_KEYS.CAT_COVS_KEY, categorical_covariate_keys),
            NumericalJointObsField(REGISTRY_KEYS.CONT_COVS_KEY, continuous_covariate_keys),
        ]
        manager = AnnDataManager(fields=fields, setup_method_args=setup_method_args)
        manager.register_fields(adata, **kwargs)
        cls.register_manager(manager)

    def _sizes_of_covariates(self, n_query_batches: int = 0) -> dict:
        """Numbers of batches and covariates, as the module takes them; batches of a query are counted apart."""
        registry = self.registry["field_registries"].get(REGISTRY_KEYS.CAT_COVS_KEY, {})
        return {
            "n_batch": self.summary_stats.n_batch - n_query_batches,
            "n_cats_per_cov": list(registry.get("state_registry", {}).get("n_cats_per_key", [])),
            "n_continuous_cov": self.summary_stats.get("n_extra_continuous_covs", 0),
        }
