"""Whether confidence means what it says."""

from anndata import AnnData
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from mixvi.metrics import expected_calibration_error, reliability, types_agree

UNASSIGNED = "unassigned"


def calibration(
    adata: AnnData, label_key: str, type_key: str = "cpl_type", n_bins: int = 10, ax: Axes | None = None
) -> Axes:
    """Reliability diagram: how often types are right, against the confidence with which they are given.

    Points on the diagonal are calibrated, below it are too sure of themselves; the area of a point is the number of its
    cells. Types finer or coarser than the labels are not errors, see :func:`mixvi.metrics.types_agree`. Cells without
    label and ``"unassigned"`` ones are left out. Labels are for scoring only.

    Parameters
    ----------
    adata
        Cells after :meth:`mixvi.CplMixVI.get_cell_types`.
    label_key
        Column of ``.obs`` with published labels.
    type_key
        Column of ``.obs`` with the types; the confidence is in the column that goes with it.
    n_bins
        Bins of the confidence.
    ax
        Axes to draw on; new ones if None.

    Returns
    -------
    The axes.

    Raises
    ------
    KeyError
        If a column does not exist.
    ValueError
        If no cell has both a label and a type.

    Examples
    --------
    >>> mixvi.pl.calibration(adata, label_key="cell_type")  # doctest: +SKIP
    """
    confidence_key = f"{type_key.removesuffix('_type')}_confidence"
    for key in (label_key, type_key, confidence_key):
        if key not in adata.obs:
            raise KeyError(f"{key!r} is not a column of adata.obs. Call model.get_cell_types() first.")
    known = adata.obs[adata.obs[label_key].notna() & (adata.obs[type_key].astype(str) != UNASSIGNED)]
    if not len(known):
        raise ValueError(f"No cell has both a label in .obs[{label_key!r}] and a type.")
    correct = types_agree(known[label_key].astype(str), known[type_key].astype(str))
    bins = reliability(known[confidence_key], correct, n_bins)
    error = expected_calibration_error(known[confidence_key], correct)
    if ax is None:
        _, ax = plt.subplots(figsize=(4.2, 4), layout="constrained")
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.8, linestyle="--")
    ax.plot(bins["confidence"], bins["accuracy"], color="tab:blue", linewidth=1)
    area = 12 + 250 * bins["n_cells"] / bins["n_cells"].sum()
    ax.scatter(bins["confidence"], bins["accuracy"], area, color="tab:blue", alpha=0.7, clip_on=False, zorder=3)
    ax.set(xlabel="confidence of the type", ylabel=f"share that agrees with {label_key}", xlim=(0, 1), ylim=(0, 1))
    ax.set_title(f"calibration error {error:.3f}")
    ax.set_aspect("equal")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
