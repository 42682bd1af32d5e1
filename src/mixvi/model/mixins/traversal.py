"""What a state does to expression: cells moved along it, and decoded."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse
from scvi import REGISTRY_KEYS

from mixvi.model.axes import AXES, Axes, coordinate_axes, principal_axes
from mixvi.model.curves import summarise_curves, tidy_curves
from mixvi.model.groups import column_of, groups_of, groups_of_types
from mixvi.model.matching import positions_of_genes
from mixvi.model.mixins.decoding import CellStates
from mixvi.model.seeding import seeded

logger = logging.getLogger(__name__)

ENDS = ("low", "high")
N_CELLS, LIBRARY_SIZE = 200, 1e4
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
        axes: str = "state",
        arm: int = 0,
        n_cells: int = N_CELLS,
        library_size: float = LIBRARY_SIZE,
        layers: bool | None = None,
    ) -> pd.DataFrame:
        """Move cells along their type's states, and decode: how expression follows each dimension (section 4.2).

        A cell keeps its type and its other dimensions; one dimension takes quantiles, from 5 to 95 %, of the states of
        the cells of its type. Curves are averaged over up to ``n_cells`` cells of each type, at one library size, so
        that depth plays no part. Writes to ``adata``:

        - ``.layers["cpl_state0_low"]``, ``["cpl_state0_high"]``, … : every cell at the 5 % and the 95 % quantile of its
          type, float32, NaN for genes that were not asked for or that the model does not know.
        - ``.uns["cpl_traversal"]``: arrays ``expression`` (types × dims × steps × genes), ``state``
          (types × dims × steps), ``quantiles``, the names ``types``, ``dims`` and ``genes``, ``directions``
          (types × dims × n_state), the settings, and ``summary``, a table of type, dim, gene and

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
        axes
            ``"state"``: the dimensions of :meth:`get_states`. ``"principal"``: within each type, the
            directions along which decoded expression changes, the strongest first, in standard deviations, pointing to
            where the genes that change most rise. Which way a state is rotated is chance; these do not depend on it.
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
        self._check_axes(dim, axes, arm)
        _check_numbers(n_steps, n_cells, library_size)
        dims = list(range(self.module.n_state)) if dim is None else [dim]
        chosen = positions_of_genes(genes, self.genes_)
        counts = self.module.head.counts
        target = self.adata if adata is None else adata
        labels = None if groupby is None else column_of(target, groupby)
        quantiles = np.linspace(*QUANTILES, n_steps)
        states, directions, curves, summaries = [], [], [], []
        with self._ready(adata) as cells, seeded(self.seed_):
            table = self._cell_states(cells, arm)
            groups = groups_of(table.kind, self.type_names, labels)
            x = self.get_anndata_manager(cells, required=True).get_from_registry(REGISTRY_KEYS.X_KEY)
            for name, index in groups.items():
                sample = self._sample(index, n_cells)
                lines = self._axes(table, index, axes, library_size, n_cells)
                observed = log_normalised(x[sample], library_size, counts)[:, chosen]
                for d in dims:
                    ends = np.quantile(lines.position(table.state[index], d), quantiles)
                    moved = (lines.move(table.state[sample], d, end) for end in ends)
                    curve = np.array([self._average(table, sample, state, library_size)[chosen] for state in moved])
                    units = np.log1p(curve) if counts else curve
                    here = lines.position(table.state[sample], d)
                    summary = summarise_curves(ends, units, here, observed, self.genes_[chosen])
                    summaries.append(summary.assign(type=name, dim=d))
                    states.append(ends), directions.append(lines.displace[d]), curves.append(curve)
            written = {}
            if self._layers_wanted(layers, 2 * len(dims) * target.n_obs * target.n_vars):
                columns = target.var_names.get_indexer(self.genes_[chosen])
                written = {f"{self._key_prefix}_state{d}_{end}": _nan(target.shape) for d in dims for end in ENDS}
                for index in groups_of_types(table.kind, self.type_names).values():
                    lines = self._axes(table, index, axes, library_size, n_cells)
                    self._write_ends(written, table, index, lines, dims, library_size, chosen, columns)
        shape = len(groups), len(dims), -1
        result = {
            "expression": np.array(curves, np.float32).reshape(*shape[:2], n_steps, len(chosen)),
            "state": np.array(states).reshape(shape),
            "directions": np.array(directions).reshape(shape),
            "quantiles": quantiles,
            "types": np.array(list(groups), dtype=object),
            "dims": np.array(dims),
            "genes": self.genes_[chosen].astype(object),
            "summary": _joined(summaries),
            "params": {"axes": axes, "arm": arm, "groupby": groupby or "", "library_size": float(library_size)},
        }
        target.layers.update(written)
        target.uns[f"{self._key_prefix}_traversal"] = result
        return tidy_curves(result)

    def _axes(
        self,
        table: CellStates,
        index: np.ndarray,
        axes: str,
        library_size: float = LIBRARY_SIZE,
        n_cells: int = N_CELLS,
    ) -> Axes:
        """The directions along which the cells of a type are moved."""
        n_state = table.state.shape[1]
        if axes == "state":
            return coordinate_axes(n_state)
        sample = self._sample(index, n_cells)
        change = np.empty((len(self.genes_), n_state))
        for d, step in enumerate(table.state[index].std(0).clip(1e-3)):
            shift = 0.5 * step * np.eye(n_state, dtype=np.float32)[d]
            ends = [self._average(table, sample, table.state[sample] + sign * shift, library_size) for sign in (-1, 1)]
            low, high = np.log1p(ends) if self.module.head.counts else ends
            change[:, d] = (high - low) / step
        return principal_axes(table.state[index], change)

    def _average(self, table: CellStates, index: np.ndarray, state: np.ndarray, library_size: float) -> np.ndarray:
        """Average decoded expression of cells at given states, ``(genes,)``."""
        chunks = self._decode(table, index, state, library_size)
        return sum(values.sum(0, dtype=np.float64) for _, values in chunks) / len(index)

    def _write_ends(
        self,
        layers: dict[str, np.ndarray],
        table: CellStates,
        index: np.ndarray,
        lines: Axes,
        dims: list[int],
        library_size: float,
        chosen: np.ndarray,
        columns: np.ndarray,
    ) -> None:
        """Decode the cells of a type at the low and the high end of each dimension, into layers."""
        for d in dims:
            ends = np.quantile(lines.position(table.state[index], d), QUANTILES)
            for name, position in zip(ENDS, ends, strict=True):
                moved = lines.move(table.state[index], d, position)
                for part, values in self._decode(table, index, moved, library_size):
                    layers[f"{self._key_prefix}_state{d}_{name}"][np.ix_(part, columns)] = values[:, chosen]

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

    def _check_axes(self, dim: int | None, axes: str, arm: int) -> None:
        """Refuse directions that do not exist."""
        self._check_arm(arm)
        if axes not in AXES:
            raise ValueError(f"axes={axes!r} must be one of {', '.join(AXES)}.")
        if dim is not None and not 0 <= dim < self.module.n_state:
            raise ValueError(f"dim={dim} does not exist: the state has dimensions 0 to {self.module.n_state - 1}.")


def log_normalised(x: np.ndarray | sparse.spmatrix, library_size: float, counts: bool) -> np.ndarray:
    """Counts as ``ln(1 + x)`` at one library size; other values as they are; ``(cells, genes)``, dense."""
    x = x.toarray() if sparse.issparse(x) else np.asarray(x)
    return np.log1p(x / x.sum(1, keepdims=True).clip(1) * library_size) if counts else x


def _check_numbers(n_steps: int, n_cells: int, library_size: float) -> None:
    if n_steps < 3:
        raise ValueError(f"n_steps={n_steps} must be at least 3, or there is no curve.")
    if n_cells < 1:
        raise ValueError(f"n_cells={n_cells} must be at least 1.")
    if not library_size > 0:
        raise ValueError(f"library_size={library_size} must be above 0.")


def _nan(shape: tuple[int, int]) -> np.ndarray:
    return np.full(shape, np.nan, np.float32)


def _joined(summaries: list[pd.DataFrame]) -> pd.DataFrame:
    """One table for all types and dimensions, as .h5ad files take it."""
    table = pd.concat(summaries, ignore_index=True)
    table = table[["type", "dim", *summaries[0].columns.drop(["type", "dim"])]]
    table.index = table.index.astype(str)
    return table.astype({"type": "category", "gene": "category"})
