"""How expression changes along a state."""

from collections.abc import Mapping, Sequence

import numpy as np
from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

GAP = 0.6  # genes, between sets
FAINTEST = 0.25  # change that always has full colour range, lest noise be blown up


def traversal(
    adata: AnnData,
    type: str | Sequence[str],  # the papers' word, and the column's name
    gene_sets: Mapping[str, Sequence[str]],
    dim: int | str = 0,
    key: str = "cpl_traversal",
) -> np.ndarray:
    """Colour map of genes × state: the change of decoded expression along one dimension of the state (Fig. 4, S12).

    Colour is the change from the middle of the state, in log2 of the expression where values are counts, on one scale
    for all panels: what does not follow the state is white. Genes stand in sets, such as type markers, immediate early
    and housekeeping genes.

    Parameters
    ----------
    adata
        Cells after :meth:`mixvi.CplMixVI.traverse_state`, with ``.uns[key]``.
    type
        Name of a type, or of several: one panel each, one above the other.
    gene_sets
        Genes of each set.
    dim
        Dimension of the state; ``"toward"`` after ``traverse_state(toward=...)``.
    key
        Key of ``.uns``.

    Returns
    -------
    The axes, one for each type.

    Raises
    ------
    KeyError
        If there is no traversal, or it lacks a type, a gene or the dimension.
    ValueError
        If there are no types or no genes to draw.

    Examples
    --------
    >>> model.traverse_state()  # doctest: +SKIP
    >>> sets = {"marker": ["Thy1", "Crym"], "immediate early": ["Fos", "Egr1"]}  # doctest: +SKIP
    >>> mixvi.pl.traversal(adata, type=["0", "3"], gene_sets=sets)  # doctest: +SKIP
    """
    if key not in adata.uns:
        raise KeyError(f"{key!r} is not in adata.uns. Call model.traverse_state() first.")
    result = adata.uns[key]
    names = [type] if isinstance(type, str) else list(type)
    genes = [gene for genes in gene_sets.values() for gene in genes]
    if not names or not genes:
        raise ValueError("Name one or more types, and one or more genes in gene_sets.")
    rows = _positions(result["types"], names, "types")
    columns = _positions(result["genes"], genes, "genes")
    (depth,) = _positions(result["dims"], [dim], "dimensions")
    values = result["expression"][np.ix_(rows, [depth], range(len(result["quantiles"])), columns)][:, 0]
    values = np.log2(1 + values) if result["params"]["counts"] else values
    change = values - values[:, [values.shape[1] // 2]]  # (types, steps, genes)
    limit = max(FAINTEST, np.quantile(np.abs(change), 0.98))

    sizes = [len(genes) for genes in gene_sets.values()]
    place = np.arange(len(genes)) + np.repeat(GAP * np.arange(len(sizes)), sizes)
    figure, axes = plt.subplots(
        len(rows),
        1,
        figsize=(2.2 + 0.3 * len(genes), 1.1 + 1.7 * len(rows)),
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    axes = axes[:, 0]
    for ax, panel, row, name in zip(axes, change, rows, names, strict=True):
        mesh = _panel(ax, panel, place, limit)
        _label_states(ax, result["state"][row, depth])
        ax.set_ylabel(f"type {name}\nstate {dim}" if not result["params"]["groupby"] else f"{name}\nstate {dim}")
    axes[-1].set_xticks(place, genes, rotation=90)
    starts = np.cumsum([0, *sizes[:-1]])
    for (name, members), start in zip(gene_sets.items(), starts, strict=True):
        centre = place[start : start + len(members)].mean()
        axes[0].text(centre, 1.04, name, ha="center", va="bottom", transform=axes[0].get_xaxis_transform())
    label = "change from the middle\n(log2)" if result["params"]["counts"] else "change from the middle"
    figure.colorbar(mesh, ax=list(axes), label=label, extend="both", aspect=8 * len(rows), pad=0.01)
    return axes


def _positions(known: Sequence, wanted: Sequence, what: str) -> list[int]:
    """Where names are in what was traversed."""
    known = list(known)
    if missing := [str(name) for name in wanted if name not in known]:
        raise KeyError(f"The traversal has no {what} {', '.join(missing)}. Call model.traverse_state() for them.")
    return [known.index(name) for name in wanted]


def _panel(ax: Axes, change: np.ndarray, place: np.ndarray, limit: float):
    """One rectangle for each gene and step, ``change`` (steps × genes)."""
    edges = np.arange(len(change) + 1) - 0.5
    for x, column in zip(place, change.T, strict=True):
        mesh = ax.pcolormesh([x - 0.5, x + 0.5], edges, column[:, None], cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.grid(False)  # which some styles draw on top
    ax.set_xlim(place[0] - 0.5, place[-1] + 0.5)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)
    return mesh


def _label_states(ax: Axes, states: np.ndarray) -> None:
    """The state at the low end, in the middle and at the high end."""
    steps = [0, len(states) // 2, len(states) - 1]
    ax.set_yticks(steps, [f"{states[step].round(1) + 0.0:.1f}" for step in steps])
