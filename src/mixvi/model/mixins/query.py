"""Cells of new batches, mapped onto the types of a reference."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from anndata import AnnData

from mixvi.model.checks import check_likelihood, check_setup, summarise
from mixvi.model.imputing import check_missing, some
from mixvi.model.matching import known_levels

OWN = ("registry_", "init_params_", "train_indices_", "validation_indices_", "test_indices_")  # of a query model


class QueryMixin:
    """Learns how new batches differ, and leaves the types of the reference where they are."""

    @classmethod
    def load_query_data(cls, adata: AnnData, reference_model: "str | Path | Self") -> Self:
        """A model of cells of new batches, that has the types of a trained reference (scArches).

        Each new batch gets weights of its own in the first layers of encoder and decoder, as the reference's batches
        have; :meth:`train` then learns these and nothing else. Names, order and parameters of the types stay, and cells
        of the reference's batches keep their types to the bit. Before training, new batches are taken as the average
        of the known ones, as by the reference itself. The reference is not changed.

        Sets ``adata`` up, as :meth:`setup_anndata` does, with the arguments of the reference.

        Parameters
        ----------
        adata
            Cells, with the reference's genes in its order and at least one batch that it has not seen; cells of known
            batches may be among them.
        reference_model
            The trained reference, or the folder that it was saved in.

        Returns
        -------
        The model, ready to be trained. ``history`` goes on from that of the reference.

        Raises
        ------
        RuntimeError
            If the reference is untrained.
        TypeError, KeyError, ValueError
            If the cells do not fit the reference or have no new batch; ``adata`` is then as it was.

        Examples
        --------
        >>> query = CplMixVI.load_query_data(new_donor, "reference")  # doctest: +SKIP
        >>> query.train()  # doctest: +SKIP
        >>> query.get_cell_types()  # doctest: +SKIP
        """
        reference = reference_model if isinstance(reference_model, cls) else cls.load(reference_model, adata=False)
        if type(reference) is not cls:  # models of several modalities refuse
            return type(reference).load_query_data(adata, reference)
        new = _new_batches(adata, reference)
        setup = reference.registry["setup_args"]
        cls.setup_anndata(adata, source_registry=reference.registry, extend_categories=True, **setup)
        chosen = reference.init_params_
        kwargs = {name: value for group in chosen["kwargs"].values() for name, value in group.items()}
        kwargs |= {"n_query_batches": len(new), "registry": reference.registry}
        model = cls(adata, **copy.deepcopy(chosen["non_kwargs"]), **kwargs)
        for name, value in vars(reference).items():
            if name.endswith("_") and name not in OWN:
                setattr(model, name, copy.deepcopy(value))
        model.module = copy.deepcopy(reference.module)
        model.module.add_batches(len(new))
        model._update_summary()
        return model

    def _order_types(self) -> None:
        """Keep names and order of the reference's types."""
        if not self.module.covariates.n_query_batches:
            super()._order_types()

    def _fit_temperature(self, indices: Sequence[int]) -> None:
        """Keep the reference's confidence."""
        if not self.module.covariates.n_query_batches:
            super()._fit_temperature(indices)

    def _learn_outliers(self, indices: Sequence[int]) -> None:
        """Keep what the reference holds for usual."""
        if not self.module.covariates.n_query_batches:
            super()._learn_outliers(indices)


def _new_batches(adata: AnnData, reference: QueryMixin) -> list[str]:
    """Names of the batches that the reference has not seen; raises if the cells do not fit it."""
    reference._check_if_trained(warn=False, message="The reference is untrained: call its train() first.")
    if reference.module.covariates.n_query_batches:
        raise ValueError(
            "The reference was itself made by load_query_data. Pass the reference that it was made from, and cells of "
            "all new batches, or of the newest only."
        )
    registry = reference.registry
    setup, known = registry["setup_args"], known_levels(registry)
    if not setup["batch_key"]:
        raise ValueError(
            "The reference was set up without batch_key, so it knows no batches that others could be added to. Use its "
            "get_cell_types(adata) as it is."
        )
    check_setup(adata, new_cells=True, **setup)
    _check_same_genes(adata, reference.genes_)
    values = summarise(adata, setup["layer"], allow_empty_genes=True)
    check_likelihood(reference.init_params_["non_kwargs"]["likelihood"], values)
    new = {column: sorted(set(adata.obs[column].unique()) - set(levels)) for column, levels in known.items()}
    batches = new.pop(setup["batch_key"])
    if not batches:
        raise ValueError(
            f"All batches in adata.obs[{setup['batch_key']!r}] are known to the reference: there is nothing to learn. "
            "Use its get_cell_types(adata)."
        )
    for column, levels in new.items():
        if levels:
            raise ValueError(
                f"adata.obs[{column!r}] has {some(levels)}, which the reference has not seen; only batches may be new."
            )
    if any(isinstance(batch, str) != isinstance(known[setup["batch_key"]][0], str) for batch in batches):
        raise ValueError(f"adata.obs[{setup['batch_key']!r}] mixes text and numbers with the reference's: convert it.")
    return batches


def _check_same_genes(adata: AnnData, genes: np.ndarray) -> None:
    check_missing(genes, np.isin(genes, adata.var_names), None)
    if not np.array_equal(adata.var_names, genes):
        raise ValueError(
            "adata has other genes than the reference, or another order. Pass adata[:, reference_model.genes_].copy()."
        )
