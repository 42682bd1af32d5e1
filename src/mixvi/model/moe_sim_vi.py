"""MoESimVI: clusters and generates cells from what is known of their similarity."""

import numpy as np
from anndata import AnnData
from mudata import MuData
from scvi.model.base import BaseModelClass, VAEMixin

from mixvi.images import shape_of_images
from mixvi.model.checks import check_likelihood, summarise
from mixvi.model.defaults import MOE_IMAGE_NETWORK, PANEL, default_likelihood, default_max_categories
from mixvi.model.mixins import (
    GenerationMixin,
    ImputationMixin,
    InferenceMixin,
    SavingMixin,
    SetupMixin,
    SimilarityMixin,
    SimilarModalityMixin,
    modelled_cells,
)
from mixvi.model.options import check_module, check_sizes
from mixvi.model.seeding import seeded
from mixvi.module import MoESimVAE
from mixvi.nn import HEADS
from mixvi.train import SimilarityTrainingPlan


class MoESimVI(
    SimilarityMixin,
    GenerationMixin,
    ImputationMixin,
    InferenceMixin,
    SimilarModalityMixin,
    SetupMixin,
    SavingMixin,
    VAEMixin,
    BaseModelClass,
):
    """Learns types that respect a similarity of the cells, and an expert that generates cells of each (MoE-Sim-VAE).

    A latent representation follows a mixture of Gaussians; a gating network reads a cell's type from it, and the expert
    of that type decodes it. Everything that is not given is chosen from the data, without labels, and kept in
    ``init_params_``.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`setup_anndata`: raw counts, log-normalised or arcsinh-transformed values; or
        images × pixels from :func:`mixvi.images.to_anndata`. Of up to 64 markers that are no counts all are shown to
        the encoder as they are; of more, their leading principal components. Or a MuData prepared with
        :meth:`setup_mudata`.
    n_categories
        Number of types to start from. If None, as many as are separated by gaps between cells, found when training
        starts. Experts that no cell needs are cut out after training.
    n_latent
        Dimensions of the latent representation. If None, 10.
    likelihood
        ``"nb"`` (negative binomial) or ``"zinb"`` (with additional zeros) for counts, ``"normal"`` for continuous
        values, ``"bernoulli"`` for pixels in [0, 1]. If None, what fits the values.
    seed
        Everything random follows from it: on a CPU the same seed gives the same bits.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Sizes of the networks and weights of the terms, see :class:`~mixvi.module.MoESimVAE`.

    Raises
    ------
    ValueError
        If the data or an argument cannot be used; the message says what to do.

    Examples
    --------
    >>> import scanpy as sc
    >>> from mixvi import MoESimVI
    >>> adata = sc.datasets.pbmc68k_reduced().raw.to_adata()
    >>> MoESimVI.setup_anndata(adata)
    >>> model = MoESimVI(adata)
    >>> model.train()  # doctest: +SKIP
    >>> model.get_cell_types()  # doctest: +SKIP
    >>> model.generate("0", 100)  # doctest: +SKIP
    """

    _module_cls = MoESimVAE
    _training_plan_cls = SimilarityTrainingPlan
    _key_prefix = "moe"

    def __init__(
        self,
        adata: AnnData | MuData | None = None,
        n_categories: int | None = None,
        n_latent: int | None = None,
        likelihood: str | None = None,
        seed: int = 0,
        registry: dict | None = None,
        **module_kwargs,
    ):
        adata = modelled_cells(adata)
        super().__init__(adata, registry)
        n_cells, n_genes = self.summary_stats.n_cells, self.summary_stats.n_vars
        if not registry and (shape := shape_of_images(self.adata)):
            module_kwargs = MOE_IMAGE_NETWORK | module_kwargs | {"image_shape": shape}
        images = "image_shape" in module_kwargs
        n_latent = 10 if n_latent is None else n_latent
        check_module(seed, **module_kwargs)
        check_sizes(None if registry else n_cells, likelihood, n_categories=n_categories, n_latent=n_latent)
        if self.adata is not None:
            data = summarise(self.adata, self.registry["setup_args"]["layer"], allow_empty_genes=True)
            if likelihood is None and n_genes <= PANEL and data.minimum < 0 and not images:
                likelihood = "normal"  # arcsinh of little signal and noise
            likelihood = likelihood or default_likelihood(data, images)
            check_likelihood(likelihood, data)
        if not registry and not images:
            if n_genes <= PANEL and not HEADS[likelihood].counts:
                module_kwargs.setdefault("n_components", None)
            else:
                module_kwargs["n_components"] = min(module_kwargs.get("n_components", 100), n_cells - 1, n_genes - 1)
        self.choose_categories_ = n_categories is None
        n_categories = n_categories or default_max_categories(n_cells)
        with seeded(seed):
            self.module = self._module_cls(
                n_genes,
                n_categories=n_categories,
                n_latent=n_latent,
                likelihood=likelihood,
                **self._sizes_of_covariates(),
                **module_kwargs,
            )
        self.genes_ = np.asarray(self.get_var_names())
        self.seed_ = seed
        self.n_trainings_ = 0
        self.type_order_ = np.arange(n_categories)
        self.init_params_ = self._get_init_params(locals())
        self._update_summary()

    def _update_summary(self) -> None:
        """The text that scvi-tools prints for the model."""
        chosen = self.init_params_["non_kwargs"]
        bound = "at most " if self.choose_categories_ and not self.is_trained_ else ""
        self._model_summary_string = (
            f"{type(self).__name__}: {bound}{self.module.n_categories} types with an expert each, "
            f"{chosen['n_latent']} latent dimensions, likelihood {chosen['likelihood']}"
        )
