"""What a state does to expression: cells moved along it, and decoded."""

import logging
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scvi import REGISTRY_KEYS

from mixvi.arguments import check_above, check_position, check_whole
from mixvi.model.axes import TOWARD, Axis
from mixvi.model.curves import stack_tables, summarise_curves, tidy_curves
from mixvi.model.groups import column_of, groups_of, groups_of_types
from mixvi.model.matching import positions_of_genes
from mixvi.model.mixins.decoding import CellStates
from mixvi.model.mixins.state_genes import FEWEST
from mixvi.model.seeding import seeded
from mixvi.nn import ExpressionProjection

logger = logging.getLogger(__name__)

ENDS = ("low", "high")
QUANTILES = (0.05, 0.95)  # of the states of a type: the ends of its curves
LAYER_VALUES = 250_000_000  # 1 GB; more than that is written to layers only if asked for


class TraversalMixin:
    """Verbs about the effect of states."""

    def traverse_state(
        self,
        adata: AnnData | None = None,
        dim: int | None = None,
        n_steps: int = 11,
        groupby: str | None = None,
        genes: Sequence[str] | None = None,
        arm: int = 0,
        n_cells: int = 200,
        library_size: float = 1e4,
        layers: bool | None = None,
        toward: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Move cells along their type's states, and decode: how expression follows each dimension (section 4.2).

        A cell keeps its type and its other dimensions; one dimension takes quantiles, from 5 to 95 %, of the states of
        the cells of its type. Curves are averaged over up to ``n_cells`` cells of each type, at one library size, so
        that depth plays no part. Writes to ``adata``:

        - ``.layers["cpl_state0_low"]``, ``["cpl_state0_high"]``, … : every cell at the 5 % and the 95 % quantile of its
          type, float32, NaN for genes that were not asked for or that the model does not know.
          With ``toward`` they are ``["cpl_state_toward_low"]`` and ``["cpl_state_toward_high"]``.
        - ``.uns["cpl_traversal"]``: arrays ``expression`` (types × dims × steps × genes), ``state``
          (types × dims × steps), ``quantiles``, the names ``types``, ``dims`` and ``genes``, the settings, of images
          what each dimension ``follows``, and
          ``summary``, a table of type, dim, gene and

          - ``slope``: least-squares slope of the decoded curve, per unit of state,
          - ``effect``: change of the decoded curve from its low to its high end,
          - ``monotone``: whether that curve goes one way,
          - ``rho_curve``: Spearman's ρ of the decoded curve with the state,
          - ``rho_observed``: Spearman's ρ of the *observed*, normalised expression of the sampled cells with their
            state. The state was inferred from the same values; for a test use :meth:`~mixvi.CplMixVI.rank_state_genes`.

          The first four are of the curve in log-normalised units, ``ln(1 + expression)``, where values are counts.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        dim
            Dimension to move along; all of them, one at a time, if None.
        n_steps
            Points of a curve.
        groupby
            Column of ``adata.obs``: one curve for each of its values instead of each type. Since states of different
            types cannot be compared, only the cells of a value's most frequent type are looked at. Layers follow types.
        genes
            Genes to decode; all if None.
        arm
            Arm whose state is moved, from 0.
        n_cells
            Cells of a type that are looked at, at most, drawn from the model's seed.
        library_size
            Counts of a decoded cell; values that are not counts have none.
        layers
            Whether to write the layers. If None, as long as they are below 1 GB altogether.
        toward
            Genes, such as immediate early genes: instead of along dimensions, which are rotated at will, cells are
            moved along that direction of the state which these genes follow best together. In each type it is found by
            least squares on counts that the state did not see, as in
            :meth:`~mixvi.CplMixVI.rank_state_genes`; what does not correlate with it stays. It is called dimension
            ``"toward"``, its unit is a standard deviation, and it points up for the genes: that they rise together is
            no finding, but which of them do, how much, and which other genes come along. Types below 30 cells are left
            out.

        Returns
        -------
        The curves: type, dim, step, state, gene, expression.

        Raises
        ------
        KeyError
            If a gene or a column does not exist.
        RuntimeError
            If the model is untrained.
        ValueError
            If an argument is out of its range, ``dim`` and ``toward`` are both given, ``toward`` is used for images or
            with types that all have fewer than 30 cells, or the cells do not fit the model.

        Examples
        --------
        >>> curves = model.traverse_state()  # doctest: +SKIP
        >>> adata.uns["cpl_traversal"]["summary"].sort_values("effect")  # doctest: +SKIP
        >>> mixvi.pl.traversal(adata, type="3", dim=0, gene_sets={"marker": ["Thy1"]})  # doctest: +SKIP
        """
        self._check_dim(dim, arm)
        _check_numbers(n_steps, n_cells, library_size)
        dims = list(range(self.module.n_state)) if dim is None else [dim]
        if toward is not None:
            self._check_toward(dim, toward)
            dims = [TOWARD]
        chosen = positions_of_genes(genes, self.genes_)
        target = self.adata if adata is None else adata
        labels = None if groupby is None else column_of(target, groupby)
        quantiles = np.linspace(*QUANTILES, n_steps)
        states, curves, summaries = [], [], []
        with self._ready(adata) as cells, seeded(self.seed_):
            table = self._cell_states(cells, arm)
            groups = groups_of(table.kind, self.type_names, labels)
            x = self.get_anndata_manager(cells, required=True).get_from_registry(REGISTRY_KEYS.X_KEY)
            axes = self._axes(cells, table, dims, toward, labels)
            groups = {name: groups[name] for name in axes}
            for name, index in groups.items():
                sample = self._sample(index, n_cells)
                observed = self._log_normalised(x[sample], library_size)[:, chosen]
                for d, axis in axes[name].items():
                    states.append(np.quantile(axis.position(table.state[index]), quantiles))
                    curves.append(self._curves(table, sample, axis, states[-1], library_size)[:, chosen])
                    decoded = np.log1p(curves[-1]) if self.module.head.counts else curves[-1]
                    summary = summarise_curves(
                        states[-1], decoded, axis.position(table.state[sample]), observed, self.genes_[chosen]
                    )
                    summaries.append(summary.assign(type=name, dim=d))
            written = {}
            if self._layers_wanted(layers, 2 * len(dims) * target.n_obs * target.n_vars):
                columns = target.var_names.get_indexer(self.genes_[chosen])
                of_types = axes if labels is None else self._axes(cells, table, dims, toward, None)
                for d, end in product(dims, range(2)):
                    layer = np.full(target.shape, np.nan, np.float32)
                    for part, values in self._at_end(table, of_types, d, QUANTILES[end], library_size):
                        layer[np.ix_(part, columns)] = values[:, chosen]
                    written[f"{self._key_prefix}_state{'_' * (d == TOWARD)}{d}_{ENDS[end]}"] = layer
        shape = len(groups), len(dims), n_steps
        result = {
            "expression": np.array(curves, np.float32).reshape(*shape, len(chosen)),
            "state": np.array(states).reshape(shape),
            "quantiles": quantiles,
            "types": np.array(list(groups), dtype=object),
            "dims": np.array(dims) if toward is None else np.array(dims, dtype=object),
            "genes": self.genes_[chosen].astype(object),
            "summary": stack_tables(summaries, ["type", "dim"]),
            "params": {
                "arm": arm,
                "groupby": groupby or "",
                "library_size": float(library_size),
                "counts": self.module.head.counts,
            },
        }
        if toward is None and (followed := getattr(self, "state_axes_", None)):
            names = dict(enumerate(followed[arm]))
            result["follows"] = np.array([names.get(d, "") for d in dims], dtype=object)
        target.layers.update(written)
        target.uns[f"{self._key_prefix}_traversal"] = result
        return tidy_curves(result)

    def _axes(
        self,
        cells: AnnData,
        table: CellStates,
        dims: Sequence[int | str],
        toward: Sequence[str] | None,
        labels: pd.Series | None,
    ) -> dict[str, dict[int | str, Axis]]:
        """What the cells of each group are moved along, by the names of group and dimension."""
        groups = groups_of(table.kind, self.type_names, labels)
        if toward is None:
            return {name: {d: Axis.dimension(d, self.module.n_state) for d in dims} for name in groups}
        genes = positions_of_genes(toward, self.genes_)
        parts = self._held_out(cells, table.arm)
        seen = [groups_of(part.kind, self.type_names, labels) for part in parts]
        axes = {}
        for name, index in groups.items():
            own = [group.get(name, ()) for group in seen]
            if min(len(index), *map(len, own)) >= FEWEST:
                slopes = [part.slope(cells, genes) for part, cells in zip(parts, own, strict=True)]
                slope = np.mean([slope for slope in slopes if slope is not None], 0)
                axes[name] = {TOWARD: Axis.toward(slope, table.state[index])}
        if not axes:
            raise ValueError(f"No type has {FEWEST} cells or more: too few to tell where the genes lead.")
        return axes

    def _curves(
        self, table: CellStates, sample: np.ndarray, axis: Axis, positions: np.ndarray, library_size: float
    ) -> np.ndarray:
        """Decoded expression along an axis, averaged over some cells, ``(steps, genes)``."""
        curves = np.zeros((len(positions), len(self.genes_)))
        for step, position in enumerate(positions):
            for _, values in self._decode(table, sample, axis.moved(table.state[sample], position), library_size):
                curves[step] += values.sum(0, dtype=np.float64) / len(sample)
        return curves

    def _at_end(
        self, table: CellStates, axes: dict[str, dict[int | str, Axis]], dim: int | str, quantile: float, size: float
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All cells decoded at a quantile of their type's positions: chunks of positions and of values."""
        for name, index in groups_of_types(table.kind, self.type_names).items():
            if name in axes:
                axis, state = axes[name][dim], table.state[index]
                moved = axis.moved(state, np.quantile(axis.position(state), quantile))
                yield from self._decode(table, index, moved, size)

    def _log_normalised(self, x: np.ndarray | sparse.spmatrix, library_size: float) -> np.ndarray:
        """Counts as ``ln(1 + x)`` at one library size; other values as they are; ``(cells, genes)``, dense."""
        x = x.toarray() if sparse.issparse(x) else np.asarray(x)
        return np.log1p(x / x.sum(1, keepdims=True).clip(1) * library_size) if self.module.head.counts else x

    def _sample(self, index: np.ndarray, n_cells: int) -> np.ndarray:
        """Some of the cells, always the same ones."""
        size = min(n_cells, len(index))
        return np.sort(np.random.default_rng(self.seed_).choice(index, size, replace=False))

    def _layers_wanted(self, layers: bool | None, n_values: int) -> bool:
        """Whether layers are written; says so if they would be by default but are too large."""
        if layers is None and n_values > LAYER_VALUES:
            size = 4e-9 * n_values
            logger.warning("No layers are written, for they would take %.1f GB; layers=True writes them.", size)
            return False
        return layers is None or layers

    def _check_toward(self, dim: int | None, toward: Sequence[str]) -> None:
        """Refuse genes to go toward where there is no such direction."""
        if dim is not None:
            raise ValueError("Pass dim or toward, not both: toward finds a direction of its own.")
        if isinstance(toward, str) or not len(toward):
            raise ValueError("toward must be a list of one or more genes.")
        if not isinstance(self.module.projection, ExpressionProjection):
            raise ValueError("toward is for genes, not for pixels.")

    def _check_dim(self, dim: int | None, arm: int) -> None:
        """Refuse an arm or a dimension that does not exist."""
        self._check_arm(arm)
        if dim is not None:
            check_position(self.module.n_state, "the state has dimensions", dim=dim)


def _check_numbers(n_steps: int, n_cells: int, library_size: float) -> None:
    check_whole(least=3, n_steps=n_steps)  # or there is no curve
    check_whole(n_cells=n_cells)
    check_above(0, library_size=library_size)
