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
from mixvi.model.curves import stack_tables, summarise_curves, tidy_curves
from mixvi.model.groups import column_of, groups_of, groups_of_types
from mixvi.model.matching import positions_of_genes
from mixvi.model.mixins.decoding import CellStates
from mixvi.model.seeding import seeded

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
    ) -> pd.DataFrame:
        """Move cells along their type's states, and decode: how expression follows each dimension (section 4.2).

        A cell keeps its type and its other dimensions; one dimension takes quantiles, from 5 to 95 %, of the states of
        the cells of its type. Curves are averaged over up to ``n_cells`` cells of each type, at one library size, so
        that depth plays no part. Writes to ``adata``:

        - ``.layers["cpl_state0_low"]``, ``["cpl_state0_high"]``, … : every cell at the 5 % and the 95 % quantile of its
          type, float32, NaN for genes that were not asked for or that the model does not know.
        - ``.uns["cpl_traversal"]``: arrays ``expression`` (types × dims × steps × genes), ``state``
          (types × dims × steps), ``quantiles``, the names ``types``, ``dims`` and ``genes``, the settings, and
          ``summary``, a table of type, dim, gene and

          - ``slope``: least-squares slope of the decoded curve, per unit of state,
          - ``effect``: change of the decoded curve from its low to its high end,
          - ``monotone``: whether that curve goes one way,
          - ``rho_curve``: Spearman's ρ of the decoded curve with the state,
          - ``rho_observed``: Spearman's ρ of the *observed*, normalised expression of the sampled cells with their
            state. The state was inferred from the same values; for a test use :meth:`rank_state_genes`.

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
            If an argument is out of its range, or the cells do not fit the model.

        Examples
        --------
        >>> curves = model.traverse_state()  # doctest: +SKIP
        >>> adata.uns["cpl_traversal"]["summary"].sort_values("effect")  # doctest: +SKIP
        >>> mixvi.pl.traversal(adata, type="3", dim=0, gene_sets={"marker": ["Thy1"]})  # doctest: +SKIP
        """
        self._check_dim(dim, arm)
        _check_numbers(n_steps, n_cells, library_size)
        dims = list(range(self.module.n_state)) if dim is None else [dim]
        chosen = positions_of_genes(genes, self.genes_)
        target = self.adata if adata is None else adata
        labels = None if groupby is None else column_of(target, groupby)
        quantiles = np.linspace(*QUANTILES, n_steps)
        states, curves, summaries = [], [], []
        with self._ready(adata) as cells, seeded(self.seed_):
            table = self._cell_states(cells, arm)
            groups = groups_of(table.kind, self.type_names, labels)
            x = self.get_anndata_manager(cells, required=True).get_from_registry(REGISTRY_KEYS.X_KEY)
            for name, index in groups.items():
                sample = self._sample(index, n_cells)
                observed = self._log_normalised(x[sample], library_size)[:, chosen]
                for d in dims:
                    states.append(np.quantile(table.state[index, d], quantiles))
                    curves.append(self._curves(table, sample, d, states[-1], library_size)[:, chosen])
                    decoded = np.log1p(curves[-1]) if self.module.head.counts else curves[-1]
                    summary = summarise_curves(
                        states[-1], decoded, table.state[sample, d], observed, self.genes_[chosen]
                    )
                    summaries.append(summary.assign(type=name, dim=d))
            written = {}
            if self._layers_wanted(layers, 2 * len(dims) * target.n_obs * target.n_vars):
                columns = target.var_names.get_indexer(self.genes_[chosen])
                for d, end in product(dims, range(2)):
                    layer = np.full(target.shape, np.nan, np.float32)
                    for part, values in self._at_end(table, d, QUANTILES[end], library_size):
                        layer[np.ix_(part, columns)] = values[:, chosen]
                    written[f"{self._key_prefix}_state{d}_{ENDS[end]}"] = layer
        shape = len(groups), len(dims), n_steps
        result = {
            "expression": np.array(curves, np.float32).reshape(*shape, len(chosen)),
            "state": np.array(states).reshape(shape),
            "quantiles": quantiles,
            "types": np.array(list(groups), dtype=object),
            "dims": np.array(dims),
            "genes": self.genes_[chosen].astype(object),
            "summary": stack_tables(summaries, ["type", "dim"]),
            "params": {
                "arm": arm,
                "groupby": groupby or "",
                "library_size": float(library_size),
                "counts": self.module.head.counts,
            },
        }
        target.layers.update(written)
        target.uns[f"{self._key_prefix}_traversal"] = result
        return tidy_curves(result)

    def _curves(
        self, table: CellStates, sample: np.ndarray, dim: int, positions: np.ndarray, library_size: float
    ) -> np.ndarray:
        """Decoded expression along a dimension, averaged over some cells, ``(steps, genes)``."""
        curves = np.zeros((len(positions), len(self.genes_)))
        for step, position in enumerate(positions):
            for _, values in self._decode(table, sample, moved(table.state[sample], dim, position), library_size):
                curves[step] += values.sum(0, dtype=np.float64) / len(sample)
        return curves

    def _at_end(
        self, table: CellStates, dim: int, quantile: float, library_size: float
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All cells decoded at a quantile of their type's states: chunks of positions and of values."""
        for index in groups_of_types(table.kind, self.type_names).values():
            state = table.state[index]
            yield from self._decode(table, index, moved(state, dim, np.quantile(state[:, dim], quantile)), library_size)

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

    def _check_dim(self, dim: int | None, arm: int) -> None:
        """Refuse an arm or a dimension that does not exist."""
        self._check_arm(arm)
        if dim is not None:
            check_position(self.module.n_state, "the state has dimensions", dim=dim)


def moved(state: np.ndarray, dim: int, position: float) -> np.ndarray:
    """States ``(cells, n_state)`` with one dimension at one position, the others as they are."""
    state = state.copy()
    state[:, dim] = position
    return state


def _check_numbers(n_steps: int, n_cells: int, library_size: float) -> None:
    check_whole(least=3, n_steps=n_steps)  # or there is no curve
    check_whole(n_cells=n_cells)
    check_above(0, library_size=library_size)
