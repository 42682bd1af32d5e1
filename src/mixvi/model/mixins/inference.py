"""Running a trained model over cells."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from anndata import AnnData
from mudata import MuData
from scvi import settings
from torch import Tensor

from mixvi.arguments import check_whole, checked_indices
from mixvi.loading import CellBatches, values_on_disk
from mixvi.model.checks import check_setup
from mixvi.model.matching import MEASURED, match_cells
from mixvi.model.memory import memory_kept
from mixvi.model.ready import check_unchanged
from mixvi.model.seeding import seeded
from mixvi.nn import ExpressionProjection

PART_CELLS = 16_384  # new cells from a file that are made ready together


class InferenceMixin:
    """Matches cells to the model by the names of their genes, and runs it over them in batches."""

    def get_elbo(self, adata: AnnData | None = None, **kwargs) -> float:
        """Evidence lower bound (minus Eq. 3) per cell, averaged over arms and cells, in nats; higher is better.

        One sample of type and state is drawn for every cell, from the model's seed.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        **kwargs
            As in scvi-tools: ``indices``, ``batch_size``, and ``return_mean=False`` for the bound of every cell.

        Returns
        -------
        The bound.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model.

        Examples
        --------
        >>> model.get_elbo()  # doctest: +SKIP
        """
        with self._ready(adata) as cells, seeded(self.seed_):
            return super().get_elbo(cells, **kwargs)

    def get_reconstruction_error(self, adata: AnnData | None = None, **kwargs) -> dict[str, float]:
        """``log p(x|s,c)`` at sampled type and state, as in scvi-tools; arguments as in :meth:`get_elbo`.

        Parameters
        ----------
        adata, **kwargs
            As in :meth:`get_elbo`.

        Returns
        -------
        ``{"reconstruction_loss": …}``, averaged over arms and cells, in nats; lower is better.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model.

        Examples
        --------
        >>> model.get_reconstruction_error()  # doctest: +SKIP
        """
        with self._ready(adata) as cells, seeded(self.seed_):
            return super().get_reconstruction_error(cells, **kwargs)

    def get_latent_representation(
        self, adata: AnnData | None = None, indices: Sequence[int] | None = None, batch_size: int | None = None
    ) -> np.ndarray:
        """What the model reads the type of a cell from: a space for neighbours and UMAP.

        Of :class:`~mixvi.CplMixVI` the arms' summaries, side by side; of :class:`~mixvi.MoESimVI` the mean of
        ``q(z|x)``.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        indices
            Positions of the cells; all if None.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Array of shape ``(cells, n_arms · n_bottleneck)`` or ``(cells, n_latent)``.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model.

        Examples
        --------
        >>> adata.obsm["X_latent"] = model.get_latent_representation()  # doctest: +SKIP
        >>> sc.pp.neighbors(adata, use_rep="X_latent")  # doctest: +SKIP
        """
        (latent,) = self._run(adata, batch_size, lambda h, _: (torch.cat(list(h), -1),), indices)
        return latent.numpy()

    @contextmanager
    def _ready(self, adata: AnnData | None, impute: bool = False) -> Iterator[AnnData]:
        """The model in evaluation mode, and cells registered with it for as long as the block lasts.

        With ``impute`` the cells may lack a few genes, for verbs that look at nothing but the projection of the cells.
        """
        self._check_if_trained(warn=False, message=f"Call {type(self).__name__}.train() first: the model is untrained.")
        with self._registered(adata, impute) as cells:
            yield cells

    @contextmanager
    def _registered(self, adata: AnnData | None, impute: bool = False) -> Iterator[AnnData]:
        """As :meth:`_ready`, for verbs that need no trained model."""
        self.module.eval()
        if adata is None or adata is self.adata:
            if self.adata is None:
                raise ValueError("The model was loaded without its cells: pass adata.")
            self._check_own_cells()
            yield self._validate_anndata(None)
            return
        own = self._adata, self._adata_manager
        projection = self.module.projection
        cells = match_cells(
            adata,
            self.genes_,
            self.registry,
            self.init_params_["non_kwargs"]["likelihood"],
            projection if impute and isinstance(projection, ExpressionProjection) else None,
        )
        try:
            self.setup_anndata(
                cells, source_registry=self.registry, extend_categories=True, **self.registry["setup_args"]
            )
            self._register_manager_for_instance(self._get_most_recent_anndata_manager(cells, required=True))
            yield self._validate_anndata(cells)
        finally:
            self._adata, self._adata_manager = own
            for store in (self._per_instance_manager_store.get(self.id, {}), self._setup_adata_manager_store):
                store.pop(cells.uns.get("_scvi_uuid"), None)

    def _check_own_cells(self) -> None:
        """Refuse cells that were changed since the model was made."""
        likelihood = self.init_params_["non_kwargs"]["likelihood"]
        check_unchanged(self.adata, self.genes_, self.registry["setup_args"]["layer"], likelihood)

    def _make_data_loader(
        self, adata: AnnData, indices: Sequence[int] | None = None, batch_size: int | None = None, **kwargs
    ):
        """Batches of cells, as in scvi-tools; refuses positions that are not there, and batches of no size."""
        check_whole(batch_size=batch_size)
        index = checked_indices(indices, adata.n_obs)
        if isinstance(adata, AnnData) and values_on_disk(adata, self.registry["setup_args"]["layer"]):
            manager = self.get_anndata_manager(adata, required=True)
            return CellBatches(manager, index, settings.batch_size if batch_size is None else batch_size)
        return super()._make_data_loader(adata, index, batch_size, **kwargs)

    def _cells_in_batches(self, cells: AnnData | MuData, indices: Sequence[int] | None, batch_size: int):
        """Batches of registered cells for the module's encoder: sparse if they are and it takes such."""
        if isinstance(cells, MuData):
            return self._make_data_loader(cells, indices, batch_size)
        keep_sparse = getattr(self.module, "takes_sparse", False) and self.module.device.type != "mps"
        manager = self.get_anndata_manager(cells, required=True)
        return CellBatches(manager, checked_indices(indices, cells.n_obs), batch_size, keep_sparse)

    def _measured(self, cells: AnnData) -> Tensor:
        """Which genes of registered cells were measured rather than imputed, ``(genes,)``."""
        own = cells is self.adata
        return torch.as_tensor(np.ones(cells.n_vars, bool) if own else cells.var[MEASURED].to_numpy())

    @torch.inference_mode()
    def _run(
        self,
        adata: AnnData | None,
        batch_size: int | None,
        reduce: Callable[..., tuple[Tensor, ...]],
        indices: Sequence[int] | None = None,
        n_copies: int = 0,
        with_cells: bool = False,
    ) -> tuple[Tensor, ...]:
        """Encode cells and reduce each batch, so that only what is asked for is kept in memory.

        Parameters
        ----------
        adata
            The cells; the model's own if None.
        batch_size
            Cells in a batch.
        reduce
            From ``h`` (arms, cells, n_bottleneck) and ``log_q`` (arms, cells, categories) to tensors whose first axis
            is the cells; with copies, ``log_q`` of these (copies, arms, cells, categories) is its third argument.
        indices
            Positions of the cells; all if None.
        n_copies
            Copies of each cell that every arm is shown, one of its own as in training, if the model makes any.
        with_cells
            Give ``reduce`` last also the cells (cells, genes), their covariates (cells, n_covariates), and which genes
            were measured rather than imputed (genes,).

        Returns
        -------
        The reduced tensors of all cells, on the CPU.
        """
        batches, batch_size = [], 1024 if batch_size is None else batch_size
        check_whole(batch_size=batch_size)
        with seeded(self.seed_), memory_kept():
            for part, index in self._parts(adata, indices, batch_size):
                with self._ready(part, impute=True) as cells:
                    measured = self._measured(cells) if with_cells else None
                    for batch in self._cells_in_batches(cells, index, batch_size):
                        tensors = {name: values.to(self.module.device) for name, values in batch.items()}
                        encoded = self._encode(tensors, n_copies)
                        if with_cells:
                            inputs = self.module._get_inference_input(tensors)
                            encoded = *encoded, inputs["x"], inputs["covariates"], measured
                        batches.append([part.cpu() for part in reduce(*encoded)])
        return tuple(torch.cat(parts) for parts in zip(*batches, strict=True))

    def _encode(self, tensors: dict, n_copies: int) -> tuple[Tensor, ...]:
        """Summaries and types of a batch of cells, and types of their copies if wanted."""
        inputs = self.module._get_inference_input(tensors)
        encoded = self.module.encode_cells(**inputs)
        if not torch.isfinite(encoded[1]).all():
            raise ValueError("Some cells have values that the model makes nothing of: NaN, or far too large.")
        return (*encoded, self._encode_copies(**inputs, n_copies=n_copies)) if n_copies else encoded

    def _parts(
        self, adata: AnnData | MuData | None, indices: Sequence[int] | None, batch_size: int
    ) -> Iterator[tuple[AnnData | MuData | None, Sequence[int] | None]]:
        """Cells, and positions among them, to be made ready together: new ones that are in a file part by part."""
        layer = self.registry["setup_args"].get("layer")
        known = adata is self.adata or not isinstance(adata, AnnData)
        if known or not values_on_disk(adata, layer) or (adata.is_view and adata.isbacked):  # which has no parts
            yield adata, indices
            return
        check_setup(adata, new_cells=True, **self.registry["setup_args"])
        index = checked_indices(indices, adata.n_obs)
        together = max(1, PART_CELLS // batch_size) * batch_size
        for first in range(0, adata.n_obs if index is None else len(index), together):
            some = slice(first, first + together)  # is read in one go, as positions are not
            yield adata[some if index is None else index[some]].to_memory(), None
