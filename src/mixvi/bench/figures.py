"""Figures of the benchmark page."""

from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.optimize import linear_sum_assignment

from mixvi.bench.records import Record, Records, Truth, unpack
from mixvi.bench.summary import Row
from mixvi.files import written_whole


def draw_figures(store: Records, records: list[Record], rows: list[Row], folder: Path) -> dict[str, list[Path]]:
    """Draw accuracy against time, a confusion matrix and the agreement of the arms for each data set.

    Parameters
    ----------
    store
        The records' folder.
    records, rows
        All records, and their summary.
    folder
        Where figures go.

    Returns
    -------
    Paths of the figures by data set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, list[Path]] = {}
    for data in sorted({row.data for row in rows}):
        mine = [row for row in rows if row.data == data and row.n_seeds]
        coupled = [r for r in records if r.data == data and r.error is None and "by_type" in r.details]
        plain = [r for r in coupled if r.method == "cplmixvi"]
        drawn = {}
        if mine:
            drawn["time"] = accuracy_against_time(mine)
        if plain:
            drawn["confusion"] = confusion(store.truth(data), unpack(plain[0].partitions["types"].cells))
        if coupled:
            shown = (plain or coupled)[0]
            drawn["agreement"] = agreement([r for r in coupled if r.seed == shown.seed], shown)
        figures[data] = [_save(figure, folder / f"{data}_{name}.png") for name, figure in drawn.items()]
    return figures


def accuracy_against_time(rows: list[Row]) -> Figure:
    """Mean accuracy of each row against its mean time, CplMixVI in black.

    Parameters
    ----------
    rows
        Rows of one data set.

    Returns
    -------
    The figure.
    """
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    ax = figure.subplots()
    colours = iter(colormaps["tab20"].colors * len(rows))
    for row in rows:
        marker = {"log_pcs": "o", "pearson_pcs": "s", "scvi": "^"}.get(row.method, "D")
        colour = "black" if row.method == "cplmixvi" else next(colours)
        spread = np.std(row.measures["accuracy"], ddof=1) if row.n_seeds > 1 else 0
        style = {"fmt": marker, "label": row.title, "color": colour, "markersize": 6}
        ax.errorbar(row.mean("seconds"), row.mean("accuracy"), spread, **style)
    seconds = [row.mean("seconds") for row in rows]
    _plain_log_axis(ax, seconds)
    ax.set(xlabel="seconds", ylabel="accuracy", title=f"{rows[0].data}: accuracy against time")
    figure.legend(loc="outside right upper", fontsize=6, frameon=False)
    return figure


def confusion_table(codes: np.ndarray, types: np.ndarray, n_labels: int) -> np.ndarray:
    """Share of each label's cells in each type, the types in the order of the labels that they match.

    Parameters
    ----------
    codes, types
        Position of each cell's label, -1 for none; its type.
    n_labels
        Number of labels.

    Returns
    -------
    ``(labels, types)``; rows sum to one. Types that match no label come last, the largest first.
    """
    known = codes >= 0
    names, types = np.unique(types[known], return_inverse=True)
    table = np.zeros((n_labels, len(names)))
    np.add.at(table, (codes[known], types), 1)
    labels, matched = linear_sum_assignment(table, maximize=True)
    rest = np.setdiff1d(np.arange(len(names)), matched)
    order = [*matched[np.argsort(labels)], *rest[np.argsort(-table[:, rest].sum(0), kind="stable")]]
    return table[:, order] / table.sum(1, keepdims=True)


def confusion(truth: Truth, types: np.ndarray) -> Figure:
    """The confusion of labels, ordered by their hierarchy, with types.

    Parameters
    ----------
    truth
        The labels.
    types
        Types of the cells.

    Returns
    -------
    The figure.
    """
    n_labels = len(truth.labels)
    shares = confusion_table(unpack(truth.codes), types, n_labels)
    figure = Figure(figsize=(7, min(9, 2 + 0.13 * n_labels)), layout="constrained")
    ax = figure.subplots()
    image = ax.imshow(shares, aspect="auto", cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    ax.set(xlabel="types, matched to labels", title="share of a label's cells in each type")
    ax.set_yticks(range(n_labels), truth.labels, fontsize=5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=ax)
    return figure


def agreement(runs: list[Record], shown: Record) -> Figure:
    """Agreement of the arms: over the training of each variant, and by type.

    Parameters
    ----------
    runs
        A run of each variant.
    shown
        The run whose types are shown.

    Returns
    -------
    The figure.
    """
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots(1, 2)
    for run in runs:
        history = run.details["history"]
        axes[0].plot(history["epoch"], history["agreement_train"], label=run.method, linewidth=1)
    axes[0].set(xlabel="epoch", ylabel="agreement of the arms", title="training", ylim=(0, 1.03))
    axes[0].legend(fontsize=6, frameon=False)
    _by_type(axes[1], shown)
    return figure


def _by_type(ax: Axes, run: Record) -> None:
    by_type = run.details["by_type"]
    ax.scatter(by_type["n_cells"], by_type["agreement"], s=14, label="agreement of the arms")
    ax.scatter(by_type["n_cells"], by_type["confidence"], s=14, marker="x", label="confidence")
    _plain_log_axis(ax, by_type["n_cells"])
    ax.set(xlabel="cells of the type", title=f"types of {run.method}, seed {run.seed}", ylim=(0, 1.03))
    ax.legend(fontsize=6, frameon=False)


def _plain_log_axis(ax: Axes, values: list[float]) -> None:
    """A logarithmic x axis that spans the values and has at least one tick, without powers of ten."""
    ax.set_xscale("log")
    ax.set_xlim(min(values) / 4, 4 * max(values))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")


def _save(figure: Figure, path: Path) -> Path:
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=90, metadata={"Software": None})
    return path
