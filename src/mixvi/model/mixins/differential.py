"""Genes that differ between types, or between the ends of a state."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scvi.model._utils import scrna_raw_counts_properties
from scvi.model.base._de_core import _de_core

from mixvi.arguments import check_between, check_names
from mixvi.model.groups import column_of, groups_of_types
from mixvi.model.mixins.decoding import CellStates
from mixvi.model.seeding import seeded

MODES, METHODS = ("type", "state"), ("change", "vanilla")
GROUP = "_mixvi_group"
END = 0.25  # share of a type's cells at either end of a state
FEWEST = 5  # cells of a group that is compared


class DifferentialMixin:
    """Differential expression from the decoder."""

    def differential_expression(
        self,
        adata: AnnData | None = None,
        mode: str = "type",
        groupby: str | None = None,
        group1: str | Sequence[str] | None = None,
        group2: str | None = None,
        dim: int = 0,
        arm: int = 0,
        method: str = "change",
        delta: float = 0.25,
        fdr_target: float = 0.05,
        all_stats: bool = True,
        batch_correction: bool = False,
        **kwargs,
    ) -> pd.DataFrame:
        """Differential expression between types, or along the state within a type, with scvi-tools' machinery.

        Posterior samples of expected expression, all arms taking part, are compared between two groups of cells. Along
        a state, the quarter of the cells of a type that is highest on it is compared with the lowest quarter. The
        posterior comes from a model that was fitted to the same cells: for a test that is not optimistic about genes
        of a state use :meth:`rank_state_genes`. Writes ``.uns["cpl_de"]`` to ``adata``, the returned table.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        mode
            ``"type"``: one type against another or against all other cells; ``"state"``: the high against the low end
            of a state, within each type.
        groupby
            Column of ``adata.obs`` whose values are compared instead of types; with ``mode="type"`` only.
        group1
            Types (or values of ``groupby``) to look at; all of them if None.
        group2
            What they are compared with; all other cells if None. With ``mode="type"`` only.
        dim, arm
            The state with ``mode="state"``, as in :meth:`traverse_state`.
        method
            ``"change"`` (Boyeau et al. 2019): the probability that a gene changes by more than ``delta``.
            ``"vanilla"`` (Lopez et al. 2018): the probability that it is higher.
        delta
            Smallest change of interest: in log2 of the expression, or, for values that are not counts, in their units.
        fdr_target
            Expected false discovery rate of the column ``is_de_fdr_…``.
        all_stats
            Whether to add means of the observed counts; not for other values.
        batch_correction
            Whether to decode all cells in all batches, rather than each in its own.
        **kwargs
            Arguments of scvi-tools' ``DifferentialComputation.get_bayes_factors``, such as ``n_samples_overall``.

        Returns
        -------
        The table of scvi-tools: a row for each gene (the index) and comparison (``comparison``, ``group1``,
        ``group2``), with ``proba_de``, ``lfc_mean``, ``bayes_factor``, …

        Raises
        ------
        KeyError
            If there is no such column.
        RuntimeError
            If the model is untrained.
        ValueError
            If an argument is out of its range, there is no such group, or the cells do not fit the model.

        Examples
        --------
        >>> model.differential_expression(group1="3")  # doctest: +SKIP
        >>> model.differential_expression(mode="state", group1="3", dim=1)  # doctest: +SKIP
        """
        self._check_differential(mode, method, groupby, group2, dim, arm, delta, fdr_target)
        target = self.adata if adata is None else adata
        labels = (
            None if groupby is None else column_of(target, groupby).astype(object).fillna("").astype(str).to_numpy()
        )
        counts = self.module.head.counts
        if not counts and method == "change":
            kwargs = {"change_fn": difference, "pseudocounts": 0.0} | kwargs
        with self._ready(adata) as cells, seeded(self.seed_):
            if labels is None:
                table = self._cell_states(cells, arm)
                labels = np.array(self.type_names, dtype=object)[table.kind]
            names = _existing(labels, group1, group2)
            pairs = [(name, group2) for name in names]
            if mode == "state":
                labels, pairs = self._ends(table, names, dim)
            elif group2 is None:
                _check_rest(labels, names)
            manager = self.get_anndata_manager(cells, required=True)
            kept = cells.obs.columns
            cells.obs[GROUP] = labels
            try:
                tables = [
                    _de_core(
                        adata_manager=manager,
                        model_fn=self._sample_population,
                        representation_fn=None,
                        groupby=GROUP,
                        group1=[one],
                        group2=other,
                        idx1=None,
                        idx2=None,
                        all_stats=all_stats and counts,
                        all_stats_fn=scrna_raw_counts_properties,
                        col_names=self.genes_,
                        mode=method,
                        batchid1=None,
                        batchid2=None,
                        delta=delta,
                        batch_correction=batch_correction,
                        fdr=fdr_target,
                        silent=True,
                        **kwargs,
                    )
                    for one, other in pairs
                ]
            finally:  # scvi-tools adds a column of its own
                cells.obs.drop(columns=cells.obs.columns.difference(kept), inplace=True)
        result = pd.concat(tables)
        target.uns[f"{self._key_prefix}_de"] = result
        return result

    def _ends(self, table: CellStates, types: list[str], dim: int) -> tuple[np.ndarray, list[tuple[str, str]]]:
        """Name the cells at either end of a state, in some types, and say which are compared."""
        labels, pairs = np.full(len(table.kind), "", dtype=object), []
        for name, index in groups_of_types(table.kind, self.type_names).items():
            if name in types and END * len(index) >= FEWEST:
                position = table.state[index, dim]
                low, high = np.quantile(position, [END, 1 - END])
                labels[index[position <= low]], labels[index[position >= high]] = f"{name} low", f"{name} high"
                pairs.append((f"{name} high", f"{name} low"))
        if not pairs:
            raise ValueError(f"No type has {FEWEST} cells at either end of its state: too few to compare.")
        return labels, pairs

    def _check_differential(
        self,
        mode: str,
        method: str,
        groupby: str | None,
        group2: str | None,
        dim: int,
        arm: int,
        delta: float,
        fdr_target: float,
    ) -> None:
        """Refuse arguments that do not exist or do not go together."""
        if mode not in MODES:
            hint = f" For scvi-tools' mode, pass method={mode!r}." if mode in METHODS else ""
            raise ValueError(f"mode={mode!r} must be one of {', '.join(MODES)}.{hint}")
        if method not in METHODS:
            raise ValueError(f"method={method!r} must be one of {', '.join(METHODS)}.")
        if mode == "state" and not (groupby is None and group2 is None):
            raise ValueError(
                "With mode='state' the ends of each type's state are compared: leave groupby and group2 out."
            )
        self._check_dim(dim, arm)
        check_names(group2=group2)
        check_between(0, np.inf, delta=delta)
        check_between(0, 1, fdr_target=fdr_target)


def difference(one: np.ndarray, other: np.ndarray, pseudocounts: float) -> np.ndarray:
    """Change of values that are not counts: their difference; there is nothing to take a logarithm of."""
    return one - other


def _existing(labels: np.ndarray, group1: str | Sequence[str] | None, group2: str | None) -> list[str]:
    """The groups to look at, refused if they do not exist, have too few cells, or leave nothing to compare with."""
    size = pd.Series(labels[labels != ""]).value_counts()
    known = sorted(size.index, key=_natural)
    if group1 is None:
        group1 = [name for name in known if size[name] >= FEWEST and name != group2]
    names = [group1] if isinstance(group1, str) or not hasattr(group1, "__iter__") else list(group1)
    for name in [*names, *([] if group2 is None else [group2])]:
        if size.get(name, 0) < FEWEST:
            raise ValueError(
                f"Group {name!r} has {size.get(name, 0)} cells, {FEWEST} are needed. There are {', '.join(known)}."
            )
    if not names or group2 in names:
        raise ValueError("group1 must name one or more groups, other than group2.")
    return names


def _check_rest(labels: np.ndarray, names: list[str]) -> None:
    """Refuse to compare a group with all other cells if there are hardly any."""
    for name in names:
        if (labels != name).sum() < FEWEST:
            raise ValueError(
                f"All cells but {(labels != name).sum()} are in group {name!r}: nothing to compare it with."
            )


def _natural(name: str) -> tuple[int, str]:
    """Numbers in their order, before other names."""
    return (int(name), "") if name.isdigit() else (10**9, name)
