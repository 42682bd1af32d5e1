"""Figures of the benchmark page."""

from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mixvi import pl
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
        figures[data] = [save_figure(figure, folder / f"{data}_{name}.png") for name, figure in drawn.items()]
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
    labels = pd.Categorical.from_codes(unpack(truth.codes), truth.labels)
    cells = AnnData(obs=pd.DataFrame({"label": labels, "type": types}, index=np.arange(len(types)).astype(str)))
    figure = Figure(figsize=(7, min(9, 2 + 0.13 * len(truth.labels))), layout="constrained")
    pl.confusion(cells, "label", "type", ax=figure.subplots())
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


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure, whole or not at all; the same figure gives the same file.

    Parameters
    ----------
    figure, path
        What and where.

    Returns
    -------
    The path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=90, metadata={"Software": None})
    return path
