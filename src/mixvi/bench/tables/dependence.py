"""Supplement H of cpl-mixVAE: the style of a digit depends on the digit, so that state and type are not independent."""

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from mixvi.bench.data import check_name, load_cells
from mixvi.bench.tables.papers import DEPENDENCE
from mixvi.images import shape_of_images, to_images
from mixvi.metrics import explained_share, principal_angle, upright_width

TOGETHER = 5_000  # images measured at once


def run_dependence(data: str = "mnist", console: Console | None = None) -> dict[str, np.ndarray | float]:
    """Measure angle and width of all images, by label; nothing is trained.

    Parameters
    ----------
    data
        Name of a data set of images with one channel.
    console
        Where to print; nowhere if None.

    Returns
    -------
    ``labels``; ``angle`` (degrees) and ``width`` (share of the image), each with mean and standard deviation of every
    label, shape ``(labels, 2)``; ``angle_explained`` and ``width_explained``, the share of their variance that is
    between labels.

    Raises
    ------
    FileNotFoundError
        If the data are not at hand.
    ValueError
        If the name is unknown, or they are no such images.

    Examples
    --------
    >>> run_dependence("digits")["width"].shape
    (10, 2)
    """
    console = console or Console(quiet=True)
    check_name(data)
    cells = load_cells(data)
    shape = shape_of_images(cells.adata)
    if shape is None or len(shape) != 2:
        raise ValueError(f"{data} has no images with one channel. Take mnist or digits.")
    images, labels = to_images(cells.adata), cells.labels.astype(str).to_numpy()
    parts = range(0, len(images), TOGETHER)
    angle = np.degrees(np.concatenate([principal_angle(images[first : first + TOGETHER]) for first in parts]))
    width = np.concatenate([upright_width(images[first : first + TOGETHER]) for first in parts])
    found: dict[str, np.ndarray | float] = {"labels": np.unique(labels)}
    for name, values in (("angle", angle), ("width", width)):
        by_label = [values[labels == label] for label in found["labels"]]
        found[name] = np.array([(part.mean(), part.std(ddof=1)) for part in by_label])
        found[f"{name}_explained"] = explained_share(values, labels)
    console.print(_table(data, found))
    return found


def _table(data: str, found: dict) -> Table:
    table = Table(title=f"{data}: mean ± s.d. of angle (degrees) and width (share of the image)", box=box.SIMPLE_HEAD)
    for column in ("label", "angle", "angle, paper", "width", "width, paper"):
        table.add_column(column, justify="right")
    for position, label in enumerate(found["labels"]):
        (angle, spread), (width, spread_of_width) = found["angle"][position], found["width"][position]
        printed = [DEPENDENCE.get((name, label)) if data == "mnist" else None for name in ("angle", "width")]
        texts = ["–" if value is None else f"{value:g}" for value in printed]
        table.add_row(label, f"{angle:.2f} ± {spread:.2f}", texts[0], f"{width:.2f} ± {spread_of_width:.2f}", texts[1])
    share = (f"{found['angle_explained']:.0%}", f"{found['width_explained']:.0%}")
    table.add_row("variance between labels", share[0], "", share[1], "")
    return table
