"""Time and memory as data and model grow."""

from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mixvi.bench.speed.cases import CURVES, THREADS, Case
from mixvi.bench.speed.running import seconds_per_step

NAMES = {
    "n_cells": "cells",
    "n_genes": "genes",
    "n_categories": "categories",
    "n_arms": "arms",
    "batch_size": "cells in a batch",
    "threads": "threads",
}
SHOWN = CURVES | {"threads": THREADS}
LEAST = 2  # sizes that make a curve


def curves_figure(timed: dict[Case, dict]) -> Figure | None:
    """Draw the time of a step, and the memory, against each size that was varied.

    Parameters
    ----------
    timed
        Records by case, of one device.

    Returns
    -------
    The figure; None if nothing was varied.
    """
    curves = {name: found for name in NAMES if len(found := _varied(name, timed)) >= LEAST}
    if not curves:
        return None
    figure = Figure(figsize=(2.6 * len(curves), 4.6), layout="constrained")
    axes = figure.subplots(2, len(curves), sharex="col", squeeze=False)
    for column, (name, records) in zip(axes.T, curves.items(), strict=True):
        times = [1e3 * seconds_per_step(record) for record in records.values()]
        memory = [max(run["memory_gb"] for run in record["runs"]) for record in records.values()]
        for ax, values in zip(column, (times, memory), strict=True):
            _draw(ax, list(records), values)
        column[1].set_xlabel(NAMES[name])
    axes[0, 0].set_ylabel("ms a step")
    axes[1, 0].set_ylabel("memory, GB")
    return figure


def _varied(name: str, timed: dict[Case, dict]) -> dict[int, dict]:
    """Records of CplMixVI that differ from the reference in one size, by that size."""
    found = {}
    for case, record in timed.items():
        usual = Case(device=case.device)
        if name == "threads":
            size, expected = case.threads, replace(usual, threads=case.threads)
        else:
            size = getattr(case.size, name)
            expected = replace(usual, size=replace(usual.size, **{name: size}))
        if name == "batch_size" and size > usual.size.batch_size:  # which needs more cells
            case = replace(case, size=replace(case.size, n_cells=usual.size.n_cells))
        if case == expected and size in SHOWN[name]:
            found[size] = record
    return dict(sorted(found.items()))


def _draw(ax: Axes, sizes: list[int], values: list[float]) -> None:
    """One curve, over sizes on a logarithmic axis."""
    ax.plot(sizes, values, "o-", color="black", markersize=4, linewidth=1)
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=45, ha="right", fontsize=7)
    ax.set_xticks([], minor=True)
    ax.set_ylim(0, 1.1 * max(values))
