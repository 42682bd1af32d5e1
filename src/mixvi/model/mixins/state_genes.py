"""Genes that follow the state of a type."""

from functools import reduce

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scipy import sparse
from scvi import REGISTRY_KEYS

from mixvi.arguments import check_whole
from mixvi.augment.binomial import halve
from mixvi.model.association import HeldOut, rank_genes
from mixvi.model.curves import stack_tables
from mixvi.model.groups import column_of, groups_of
from mixvi.model.seeding import seeded
from mixvi.nn import ExpressionProjection

FEWEST, MOST = 30, 5000  # cells of a type that genes are tested in


class StateGenesMixin:
    """Verbs about the genes behind a state."""

    def rank_state_genes(
        self,
        adata: AnnData | None = None,
        groupby: str | None = None,
        n_permutations: int = 500,
        arm: int = 0,
    ) -> pd.DataFrame:
        """Genes whose observed expression follows the state, within each type, with a false discovery rate.

        States are fitted to expression, so that genes that carry nothing but noise seem to follow them when both are
        taken from the same values. Here type and state are inferred from one half of the values and tested on the
        other, each half in turn: counts are halved at random (count splitting, Neufeld et al. 2024), and with Poisson
        noise the halves are independent given true expression; of other values, the genes are halved. Cells are of a
        type if both halves say so.

        The score is the multiple correlation of a gene with all dimensions of the state, after depth and batch are
        taken out: its correlation with that direction of the state that suits it best. How the state is
        rotated or scaled plays no part. States are permuted among the cells of a type and batch; ``fdr`` is the number
        of genes that reach a score by permutation over the number that do, ``pvalue`` is of a single gene.

        Both hold for cells that the model was not trained on, and nearly for others, whose halves have both
        shaped its parameters. A gene that varies more than Poisson noise, and that the state was built on, does follow
        it and is reported. Expression is relative to what a cell has counted of genes that are not abundant.

        Writes ``.uns["cpl_state_genes"]`` to ``adata``, the returned table.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        groupby
            Column of ``adata.obs`` whose values are looked at instead of types. Since states of different types cannot
            be compared, only the cells of a value's most frequent type are.
        n_permutations
            Permutations in each type.
        arm
            Arm whose state is taken, from 0.

        Returns
        -------
        Type after type, the highest score first: ``type``, ``gene``, ``score`` (0 to 1), ``r_state0``, … (correlation
        with each dimension of :meth:`get_states`), ``pvalue``, ``fdr`` and ``n_cells``. Types below 30 cells are left
        out; of types above 5,000, as many cells are taken at random.

        Raises
        ------
        KeyError
            If there is no such column.
        RuntimeError
            If the model is untrained.
        ValueError
            If no type has 30 cells, an argument is out of its range, or the cells do not fit the model or are images.

        Examples
        --------
        >>> genes = model.rank_state_genes()  # doctest: +SKIP
        >>> genes[(genes["type"] == "3") & (genes["fdr"] < 0.05)]  # doctest: +SKIP
        """
        self._check_arm(arm)
        check_whole(n_permutations=n_permutations)
        if not isinstance(self.module.projection, ExpressionProjection):
            raise ValueError("rank_state_genes is for genes, not for pixels. traverse_state works on images.")
        target = self.adata if adata is None else adata
        labels = None if groupby is None else column_of(target, groupby)
        rng = np.random.default_rng(self.seed_)
        tables = []
        with self._ready(adata) as cells, seeded(self.seed_):
            parts = self._held_out(cells, arm)
            groups = [groups_of(part.kind, self.type_names, labels) for part in parts]
            for name in groups[0]:
                index = reduce(np.intersect1d, (group.get(name, ()) for group in groups)).astype(int)
                if len(index) >= FEWEST:
                    index = np.sort(rng.permutation(index)[:MOST])
                    table = rank_genes(parts, index, self.genes_, n_permutations, rng)
                    tables.append(table.assign(type=name, n_cells=len(index)))
        if not tables:
            raise ValueError(f"No type has {FEWEST} cells or more: too few to tell which genes follow its state.")
        result = stack_tables(tables, ["type"])
        target.uns[f"{self._key_prefix}_state_genes"] = result
        return result

    @torch.inference_mode()
    def _held_out(self, cells: AnnData, arm: int) -> list[HeldOut]:
        """Types and states of all cells from one part of the values, beside the other part."""
        module, counts = self.module, self.module.head.counts
        first = torch.rand(len(self.genes_), device=module.device) < 0.5  # half of the genes, if genes are split
        average = module.projection.location
        seen, held, batches = [], [], []
        for tensors in self._make_data_loader(cells, batch_size=1024):
            inputs = module._get_inference_input(tensors)
            x = inputs["x"].to(module.device, torch.float32)
            if counts:
                half = halve(x)
                shown = [half, x - half]
                held.append([sparse.csr_matrix(copy.cpu().numpy()) for copy in reversed(shown)])
            else:
                shown = [torch.where(mask, 2 * x - average, average) for mask in (first, ~first)]
            answers = [self._type_and_state(*module.encode_cells(copy, inputs["covariates"])) for copy in shown]
            seen.append([(kind.cpu().numpy(), state[arm].cpu().numpy()) for kind, state in answers])
            batches.append(tensors[REGISTRY_KEYS.BATCH_KEY].squeeze(1).numpy())
        batch = np.concatenate(batches)
        if counts:
            x = [sparse.vstack(halves, format="csr") for halves in zip(*held, strict=True)]
            tested = [np.arange(len(self.genes_))] * 2
        else:
            x = [self.get_anndata_manager(cells, required=True).get_from_registry(REGISTRY_KEYS.X_KEY)] * 2
            tested = [np.flatnonzero(mask) for mask in (~first.cpu().numpy(), first.cpu().numpy())]
        answers = [map(np.concatenate, zip(*half, strict=True)) for half in zip(*seen, strict=True)]
        return [
            HeldOut(*answer, batch, values, genes, counts)
            for answer, values, genes in zip(answers, x, tested, strict=True)
        ]
