"""How training went on."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

PANELS = {
    "loss": ("elbo_train", "elbo_validation", "reconstruction_loss_train", "reconstruction_loss_validation"),
    "divergence": ("kl_local_train", "kl_local_validation"),
    "agreement": ("agreement_train", "agreement_validation", "arms_agree", "types_kept"),
}
UNITS = {"loss": "nats per cell", "divergence": "nats per cell", "agreement": "share of the cells"}


def training(history: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Training curves: losses, divergences, and the agreement of the arms.

    Parameters
    ----------
    history
        ``model.history``: a table with a column of values, indexed by epoch, for each quantity. The first three epochs
        do not stretch the loss's axis.

    Returns
    -------
    The axes, one for each kind of quantity that there is.

    Raises
    ------
    TypeError
        If it is a model, rather than its history.
    ValueError
        If there is nothing to draw.

    Examples
    --------
    >>> mixvi.pl.training(model.history)  # doctest: +SKIP
    """
    if history is not None and not isinstance(history, Mapping):
        raise TypeError(f"history must be model.history, not {type(history).__name__}.")
    panels = {title: [name for name in names if name in (history or {})] for title, names in PANELS.items()}
    panels = {title: names for title, names in panels.items() if names}
    if not panels:
        raise ValueError("There is nothing to draw: pass model.history of a trained model.")
    _, axes = plt.subplots(1, len(panels), figsize=(4.4 * len(panels), 3.4), layout="constrained", squeeze=False)
    for ax, (title, names) in zip(axes[0], panels.items(), strict=True):
        for name in names:
            values = history[name].iloc[:, 0].astype(float).dropna()
            ax.plot(values.index, values, label=name.replace("_train", "").replace("_", " "))
        ax.set(xlabel="epoch", ylabel=UNITS[title], title=title)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, fontsize=8)
        if title == "agreement":
            ax.set_ylim(top=1.02)
        if title == "loss":
            _ignore_the_beginning(ax)
    return axes[0]


def _ignore_the_beginning(ax: plt.Axes) -> None:
    """Limit the axis to the values after the third epoch, if there are more."""
    curves = [np.asarray(line.get_ydata(), dtype=float) for line in ax.get_lines()]
    late = np.concatenate([np.zeros(0), *(curve[3:] for curve in curves if len(curve) > 6)])
    if len(late):
        low, high = late.min(), late.max()
        margin = 0.05 * (high - low) + 1e-9
        ax.set_ylim(low - margin, high + margin)
