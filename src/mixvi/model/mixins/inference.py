"""Running a trained model over cells."""

from collections.abc import Callable

import torch
from anndata import AnnData
from torch import Tensor

from mixvi.model.checks import summarise


class InferenceMixin:
    """Matches cells to the model by the names of their genes, and runs it over them in batches."""

    def _match(self, adata: AnnData | None) -> AnnData:
        """The cells with the genes of the model in its order: ``adata`` itself where they are, else a copy.

        Raises
        ------
        ValueError
            If genes are missing, or cells cannot be used.
        """
        if adata is None:
            if self.adata is None:
                raise ValueError("The model was loaded without its cells: pass adata.")
            return self._validate_anndata(None)
        if not isinstance(adata, AnnData):
            raise TypeError(f"adata must be an AnnData object, not {type(adata).__name__}.")
        if not adata.var_names.is_unique:
            raise ValueError("adata has genes with the same name. Call adata.var_names_make_unique() first.")
        genes = self.get_var_names()
        if not adata.var_names.equals(type(adata.var_names)(genes)):
            missing = [gene for gene in genes if gene not in adata.var_names]
            if missing:
                raise ValueError(
                    f"{len(missing)} of the model's {len(genes)} genes are missing from adata: "
                    f"{', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}. "
                    "Genes are matched by name in adata.var_names; the model needs all of them."
                )
            adata = adata[:, genes].copy()
        if adata is not self.adata:
            setup = self.registry["setup_args"]
            if setup["layer"] is not None and setup["layer"] not in adata.layers:
                raise KeyError(f"The model was trained on layer {setup['layer']!r}, which adata.layers does not have.")
            summarise(adata, setup["layer"], allow_empty_genes=True)
        return self._validate_anndata(adata)

    @torch.inference_mode()
    def _run(
        self,
        adata: AnnData | None,
        batch_size: int | None,
        reduce: Callable[[Tensor, Tensor], tuple[Tensor, ...]],
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
            is the cells.

        Returns
        -------
        The reduced tensors of all cells, on the CPU.
        """
        self._check_if_trained(warn=False, message=f"Call {type(self).__name__}.train() first: the model is untrained.")
        self.module.eval()
        batches = []
        with torch.random.fork_rng():  # a loader draws from the user's generator even if it does not shuffle
            for tensors in self._make_data_loader(self._match(adata), batch_size=batch_size or 1024):
                h, log_q = self.module.encode_cells(**self.module._get_inference_input(tensors))
                batches.append([part.cpu() for part in reduce(h, log_q)])
        return tuple(torch.cat(parts) for parts in zip(*batches, strict=True))
