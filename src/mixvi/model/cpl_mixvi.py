"""CplMixVI: coupled mixture variational inference of cell types and cell states."""

import numpy as np
from anndata import AnnData
from scvi.model.base import BaseModelClass, VAEMixin

from mixvi.augment import Augmenter
from mixvi.images import shape_of_images
from mixvi.model.checks import check_likelihood, summarise
from mixvi.model.defaults import IMAGE_COUPLING, IMAGE_NETWORK, default_likelihood, default_max_categories
from mixvi.model.mixins import (
    AugmentationMixin,
    ConsensusMixin,
    DecodingMixin,
    DifferentialMixin,
    InferenceMixin,
    ModalitiesMixin,
    OutliersMixin,
    PruningMixin,
    QueryMixin,
    SavingMixin,
    SetupMixin,
    StateGenesMixin,
    StateInformationMixin,
    StatesMixin,
    TrainingMixin,
    TraversalMixin,
    TypesMixin,
)
from mixvi.model.mixins.consensus import N_COPIES
from mixvi.model.mixins.training import WATCHED_CELLS
from mixvi.model.options import check_augmenter, check_module, check_network, check_options
from mixvi.model.seeding import seeded
from mixvi.module import CplMixVAE
from mixvi.nn import HEADS
from mixvi.train import CoupledTrainingPlan

COUPLING_WEIGHT = {"aitchison": 1.0, "mutual_information": 200.0, "consensus": 200.0}


class CplMixVI(
    QueryMixin,
    TypesMixin,
    ConsensusMixin,
    PruningMixin,
    StateInformationMixin,
    StatesMixin,
    TraversalMixin,
    StateGenesMixin,
    DifferentialMixin,
    DecodingMixin,
    AugmentationMixin,
    OutliersMixin,
    InferenceMixin,
    TrainingMixin,
    SetupMixin,
    ModalitiesMixin,
    SavingMixin,
    VAEMixin,
    BaseModelClass,
):
    """Learns the type (discrete) and the state (continuous) of every cell at once (cpl-mixVAE).

    A ≥ 2 autoencoding arms see different type-preserving copies of a cell. They must agree on its type, while each
    learns a state of its own that may depend on the type. Everything that is not given is chosen from the data,
    without labels, and kept in ``init_params_``.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`setup_anndata`: raw counts, or log-normalised values; or images × pixels
        from :func:`mixvi.images.to_anndata`. Cells with several modalities, prepared with ``setup_mudata``, give a
        :class:`~mixvi.model.multimodal.MultimodalCplMixVI`, which has arguments of its own.
    n_categories
        Number of types to start from; an upper bound with ``train(prune=True)``. If None, as many as are found again
        in halves of the counts and have gaps between them, found when training starts. Types that hold no cell are
        never reported.
    n_arms
        Number of arms ``A``; with one arm the model is a plain mixture VAE.
    n_state
        Dimensions of the state. If None, 2, but 10 for images.
    likelihood
        ``"nb"`` (negative binomial) or ``"zinb"`` (with additional zeros) for counts, ``"normal"`` for log-normalised
        values, ``"bernoulli"`` for pixels in [0, 1]. If None, what fits the values.
    augmenter
        What makes the arms' copies: ``"thinning"`` deals the counts of a cell to the arms, ``"gene_split"`` its genes,
        ``"neighbours"`` mixes it with near neighbours, ``"affine"`` turns, stretches and shifts an image, ``"vaegan"``
        learns to generate cells like it, ``"none"`` shows all arms the same cell; names joined by ``+`` are applied one
        after the other; a callable does as it likes, see :class:`~mixvi.augment.Augmenter`. If None, ``"thinning"``
        for counts, ``"affine"`` for images, else ``"gene_split"``.
    coupling
        What makes the arms agree: ``"consensus"`` (types keep their share of the cells), ``"mutual_information"``
        (types of equal size are rewarded), or the papers' ``"aitchison"`` distance. If None, ``"consensus"``, but
        ``"mutual_information"`` for images.
    coupling_weight
        Weight ``λ`` of the coupling. If None, 200, but 1 for ``"aitchison"`` as in the paper.
    shared_arms
        All arms have the same parameters (the papers' cpl-mixVAE*).
    type_dependent_state
        Whether the state depends on the type; False is the papers' cpl-mixVAE(s∤c).
    seed
        Everything random follows from it: on a CPU the same seed gives the same bits.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Sizes of the networks, dropout and temperature, see :class:`~mixvi.module.CplMixVAE`; for images also
        ``network="convolutional"``.

    Raises
    ------
    ValueError
        If the data or an argument cannot be used; the message says what to do.

    Examples
    --------
    >>> import scanpy as sc
    >>> from mixvi import CplMixVI
    >>> adata = sc.datasets.pbmc68k_reduced().raw.to_adata()
    >>> CplMixVI.setup_anndata(adata)
    >>> model = CplMixVI(adata)
    >>> model.train()  # doctest: +SKIP
    >>> model.get_cell_types()  # doctest: +SKIP
    """

    _module_cls = CplMixVAE
    _training_plan_cls = CoupledTrainingPlan
    _key_prefix = "cpl"
    _n_copies = N_COPIES

    def __init__(
        self,
        adata: AnnData | None = None,
        n_categories: int | None = None,
        n_arms: int = 2,
        n_state: int | None = None,
        likelihood: str | None = None,
        augmenter: str | Augmenter | None = None,
        coupling: str | None = None,
        coupling_weight: float | None = None,
        shared_arms: bool = False,
        type_dependent_state: bool = True,
        seed: int = 0,
        registry: dict | None = None,
        **module_kwargs,
    ):
        super().__init__(adata, registry)
        n_cells, n_genes = self.summary_stats.n_cells, self.summary_stats.n_vars
        if not registry and (shape := shape_of_images(self.adata)):
            module_kwargs = IMAGE_NETWORK | module_kwargs | {"image_shape": shape}
        images = "image_shape" in module_kwargs
        coupling = coupling or ("mutual_information" if images else "consensus")
        n_state = (10 if images else 2) if n_state is None else n_state
        check_module(seed, shared_arms=shared_arms, type_dependent_state=type_dependent_state, **module_kwargs)
        check_options(
            n_cells=None if registry else n_cells,
            n_categories=n_categories,
            n_arms=n_arms,
            n_state=n_state,
            likelihood=likelihood,
            coupling=coupling,
            coupling_weight=coupling_weight,
            temperature=module_kwargs.get("temperature", 1.0),
        )
        if self.adata is not None:
            data = summarise(self.adata, self.registry["setup_args"]["layer"], allow_empty_genes=True)
            likelihood = likelihood or default_likelihood(data, images)
            check_likelihood(likelihood, data)
        self.choose_categories_ = n_categories is None
        n_categories = n_categories or default_max_categories(n_cells)
        split = "thinning" if HEADS[likelihood].counts else "gene_split"
        augmenter = augmenter or ("affine" if images else split)
        check_augmenter(augmenter, likelihood, images)
        check_network(module_kwargs.get("network", "dense"), images and likelihood == "bernoulli")
        coupling_weight = COUPLING_WEIGHT[coupling] if coupling_weight is None else coupling_weight
        if not registry and not images:
            module_kwargs["n_components"] = min(module_kwargs.get("n_components", 100), n_cells - 1, n_genes - 1)
        coupling_kwargs = {"weight": coupling_weight}
        if images and coupling == "mutual_information":
            coupling_kwargs |= IMAGE_COUPLING
        coupling_kwargs |= module_kwargs.get("coupling_kwargs", {})
        with seeded(seed):
            self.module = self._module_cls(
                n_genes,
                n_categories=n_categories,
                n_arms=n_arms,
                n_state=n_state,
                likelihood=likelihood,
                augmenter=augmenter,
                coupling=coupling,
                shared_arms=shared_arms,
                type_dependent_state=type_dependent_state,
                **self._sizes_of_covariates(module_kwargs.get("n_query_batches", 0)),
                **module_kwargs | {"coupling_kwargs": coupling_kwargs},
            )
        self.genes_ = np.asarray(self.get_var_names())
        self.seed_ = seed
        self.n_trainings_ = 0
        self.outlier_rule_ = None
        self.augmenter_history_ = None
        self.type_order_ = np.arange(n_categories)
        self.temperature_ = 1.0
        self.pruning_ = None
        self.state_axes_ = None
        self.init_params_ = self._get_init_params(locals())
        self._update_summary()

    def _conclude(self, train_indices: np.ndarray) -> None:
        """Learn how images move the state, how sure the types are, and what is unlike all cells of the training."""
        if shape_of_images(self.adata) and not self.module.covariates.n_query_batches:
            self._turn_states(train_indices)
        self._warn_of_lost_types()
        self._fit_temperature(train_indices[:WATCHED_CELLS])
        self._learn_outliers(train_indices)

    def _update_summary(self) -> None:
        """The text that scvi-tools prints for the model."""
        chosen = self.init_params_["non_kwargs"]
        bound = "at most " if self.choose_categories_ and not self.is_trained_ else ""
        self._model_summary_string = (
            f"{type(self).__name__}: {chosen['n_arms']} arms, {bound}{self.module.n_categories} types, "
            f"{chosen['n_state']} state dimensions, likelihood {chosen['likelihood']}, augmenter "
            f"{chosen['augmenter']}, coupling {chosen['coupling']} × {chosen['coupling_weight']:g}"
        )
