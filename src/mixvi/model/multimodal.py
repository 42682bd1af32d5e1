"""CplMixVI of several modalities: arms on transcriptome, electrophysiology, proteins, … that share the type."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from anndata import AnnData
from mudata import MuData
from scvi.model.base import BaseModelClass

from mixvi.arguments import check_names
from mixvi.augment import Augmenter
from mixvi.model.checks import check_likelihood, summarise
from mixvi.model.cpl_mixvi import COUPLING_WEIGHT, CplMixVI
from mixvi.model.defaults import default_likelihood, default_max_categories
from mixvi.model.mixins import ModalityStatesMixin, ModalityTrainingMixin, PredictionMixin, RefusingMixin
from mixvi.model.modalities import register_modalities
from mixvi.model.modality_matching import match_modalities
from mixvi.model.options import check_augmenter, check_module, check_options
from mixvi.model.ready import check_unchanged
from mixvi.model.seeding import seeded
from mixvi.module import MultimodalCplMixVAE, modality_key
from mixvi.nn import HEADS
from mixvi.objective import MODALITY_COUPLINGS

NATS_A_FEATURE = 2.0  # of coupling, at most: a panel of few markers knows little of a cell


class MultimodalCplMixVI(RefusingMixin, ModalityTrainingMixin, ModalityStatesMixin, PredictionMixin, CplMixVI):
    """:class:`~mixvi.CplMixVI` of cells with several modalities, which ``CplMixVI(mdata)`` makes.

    Every modality has arms of its own, with its own likelihood. They must agree on the type of a cell, while each
    learns its own state: modalities share the category, never the state. Cells may lack modalities.

    ``train``, ``get_cell_types``, ``get_type_probabilities`` and ``get_latent_representation`` are those of
    :class:`~mixvi.CplMixVI`, and write to the MuData. They also take new cells with some of the modalities, or the
    AnnData of one: ``model.get_cell_types(mdata["ephys"])`` types cells by their electrophysiology alone. Arms whose
    modality a cell lacks follow the others, and their part of the latent representation is zero.

    Parameters
    ----------
    adata
        Cells, a MuData prepared with ``CplMixVI.setup_mudata``.
    n_categories
        Number of types to start from; if None, as many as are separated by gaps in all modalities together.
    n_arms
        Arms of each modality. With two or more they see different copies of a cell.
    n_state
        Dimensions of each modality's state.
    likelihood
        By modality, for those whose likelihood is to be chosen: ``"nb"``, ``"zinb"``, ``"normal"`` or
        ``"bernoulli"``. Else ``"nb"`` for counts and ``"normal"`` for other values.
    augmenter
        By modality, as in :class:`~mixvi.CplMixVI`, used with two or more arms. Else ``"thinning"`` for counts and
        ``"gene_split"`` for other values.
    coupling
        ``"joint"`` lets every arm predict the type that all modalities together give, so that a modality need not
        separate all types (see :func:`~mixvi.objective.joint_coupling`). The couplings of :class:`~mixvi.CplMixVI`
        find the types that every modality separates.
    coupling_weight
        Weight ``λ`` of the coupling. If None, 200, or twice the number of features if these are fewer than 100; but 1
        for ``"aitchison"``.
    type_dependent_state, seed, registry
        As in :class:`~mixvi.CplMixVI`.
    **module_kwargs
        Sizes of the networks, dropout and temperature, see :class:`~mixvi.module.CplMixVAE`.

    Raises
    ------
    ValueError
        If the data or an argument cannot be used; the message says what to do.

    Examples
    --------
    >>> from mixvi import CplMixVI
    >>> from mixvi.datasets import simulate_modalities
    >>> mdata = simulate_modalities([40, 30, 30])
    >>> CplMixVI.setup_mudata(mdata)
    >>> model = CplMixVI(mdata, likelihood={"ephys": "normal"})
    >>> model.train()  # doctest: +SKIP
    >>> model.get_cell_types()  # doctest: +SKIP
    >>> model.predict_modality("ephys", source="rna")  # doctest: +SKIP
    """

    _module_cls = MultimodalCplMixVAE

    def __init__(
        self,
        adata: MuData | None = None,
        n_categories: int | None = None,
        n_arms: int = 1,
        n_state: int = 2,
        likelihood: dict[str, str] | None = None,
        augmenter: dict[str, str | Augmenter] | None = None,
        coupling: str = "joint",
        coupling_weight: float | None = None,
        type_dependent_state: bool = True,
        seed: int = 0,
        registry: dict | None = None,
        **module_kwargs,
    ):
        BaseModelClass.__init__(self, adata, registry)  # CplMixVI's own builds the network of a single modality
        layers = self.registry["setup_args"]["modalities"]
        self._check_names(likelihood=likelihood, augmenter=augmenter)
        likelihood, augmenter = dict(likelihood or {}), dict(augmenter or {})
        check_names(coupling=coupling)
        if coupling not in MODALITY_COUPLINGS:
            raise ValueError(f"coupling={coupling!r} is unknown. Choose one of {', '.join(MODALITY_COUPLINGS)}.")
        check_module(seed, type_dependent_state=type_dependent_state, **module_kwargs)
        for name in layers:
            check_options(
                n_cells=None if adata is None else adata.n_obs,
                n_categories=n_categories,
                n_arms=n_arms,
                n_state=n_state,
                likelihood=likelihood.get(name),
                coupling="consensus",  # looked at above
                coupling_weight=coupling_weight,
                temperature=module_kwargs.get("temperature", 1.0),
            )
        if adata is not None:
            for name, layer in layers.items():
                data = summarise(adata.mod[name], layer, allow_empty_genes=True)
                likelihood.setdefault(name, "normal" if data.minimum < 0 else default_likelihood(data))
                check_likelihood(likelihood[name], data)
            self.depth_ = {name: _median_depth(adata.mod[name], layer) for name, layer in layers.items()}
        for name in layers:
            augmenter.setdefault(name, "thinning" if HEADS[likelihood[name]].counts else "gene_split")
            check_augmenter(augmenter[name], likelihood[name])
            if augmenter[name] == "vaegan":
                raise ValueError(
                    f"augmenter={{{name!r}: 'vaegan'}}: a learned augmenter is for models of one modality."
                )
        self.genes_ = self._features()
        self.choose_categories_ = n_categories is None
        n_categories = n_categories or default_max_categories(adata.n_obs)
        if coupling_weight is None:
            n_features = sum(map(len, self.genes_.values()))
            coupling_weight = min((COUPLING_WEIGHT | {"joint": 200.0})[coupling], NATS_A_FEATURE * n_features)
        n_components = module_kwargs.pop("n_components", None) or {
            name: min(100, adata.mod[name].n_obs - 1, len(features)) for name, features in self.genes_.items()
        }
        module_kwargs["n_components"] = n_components
        coupling_kwargs = {"weight": coupling_weight} | module_kwargs.get("coupling_kwargs", {})
        with seeded(seed):
            self.module = self._module_cls(
                {name: len(features) for name, features in self.genes_.items()},
                n_categories=n_categories,
                n_arms=n_arms,
                n_state=n_state,
                likelihood=likelihood,
                augmenter=augmenter,
                coupling=coupling,
                type_dependent_state=type_dependent_state,
                **self._sizes_of_covariates(),
                **module_kwargs | {"coupling_kwargs": coupling_kwargs},
            )
        self.seed_ = seed
        self.n_trainings_ = 0
        self.outlier_rule_ = self.augmenter_history_ = None
        self.temperature_ = 1.0
        self.type_order_ = np.arange(n_categories)
        self.init_params_ = self._get_init_params(locals())
        self._update_summary()

    @property
    def modalities(self) -> list[str]:
        """Names of the modalities."""
        return list(self.registry["setup_args"]["modalities"])

    def get_var_names(self, legacy_mudata_format: bool = False) -> dict[str, np.ndarray]:
        """Features of each modality, as scvi-tools saves them."""
        return self.genes_

    # -- what the verbs of CplMixVI stand on ----------------------------------------------------------------------

    def _features(self) -> dict[str, np.ndarray]:
        """Features of each modality."""
        fields = self.registry["field_registries"]
        return {
            name: np.asarray(fields[modality_key(name)]["state_registry"]["column_names"]) for name in self.modalities
        }

    def _check_names(self, **named: Sequence[str] | dict | None) -> None:
        """Refuse names of modalities that do not exist."""
        for argument, names in named.items():
            if names is not None and not isinstance(names, dict | list):
                raise TypeError(f"{argument} must be a dictionary by modality, such as {{{self.modalities[0]!r}: …}}.")
            if unknown := [name for name in names or () if name not in self.modalities]:
                raise ValueError(
                    f"{argument}: {unknown[0]!r} is no modality of this model, which has "
                    f"{', '.join(map(repr, self.modalities))}."
                )

    def _given(self, adata: MuData | AnnData | None) -> MuData | AnnData:
        """The cells that were passed, or the model's own."""
        if adata is None and self.adata is None:
            raise ValueError("The model was loaded without its cells: pass adata.")
        return self.adata if adata is None else adata

    @contextmanager
    def _registered(self, adata: MuData | AnnData | None, *args, **kwargs) -> Iterator[MuData]:
        """Cells registered with the model for as long as the block lasts."""
        self.module.eval()
        if self._given(adata) is self.adata:
            self._check_own_cells()
            yield self._validate_anndata(None)
            return
        cells = match_modalities(adata, self.genes_, self.registry, self.init_params_["non_kwargs"]["likelihood"])
        manager = register_modalities(cells, self.registry, source_registry=self.registry)
        self._register_manager_for_instance(manager)
        try:
            yield cells
        finally:
            self._per_instance_manager_store[self.id].pop(manager.adata_uuid, None)

    def _check_own_cells(self) -> None:
        """Refuse cells that were changed since the model was made."""
        for name, layer in self.registry["setup_args"]["modalities"].items():
            likelihood = self.init_params_["non_kwargs"]["likelihood"][name]
            check_unchanged(self.adata.mod[name], self.genes_[name], layer, likelihood)

    def _update_summary(self) -> None:
        """The text that scvi-tools prints for the model."""
        chosen = self.init_params_["non_kwargs"]
        bound = "at most " if self.choose_categories_ and not self.is_trained_ else ""
        arms = "; ".join(
            f"{name}: {chosen['n_arms']} arms, likelihood {chosen['likelihood'][name]}" for name in self.modalities
        )
        self._model_summary_string = (
            f"{type(self).__name__}: {arms}; {bound}{self.module.n_categories} types, {chosen['n_state']} state "
            f"dimensions each, coupling {chosen['coupling']} × {chosen['coupling_weight']:g}"
        )


def _median_depth(adata: AnnData, layer: str | None) -> float:
    """Median of the cells' sums of values: the depth of counts."""
    matrix = adata.X if layer is None else adata.layers[layer]
    return float(np.median(np.asarray(matrix.sum(1))))
