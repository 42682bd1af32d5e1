"""The mass cytometry sets of Weber & Robinson 2016, from the files of their repository."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData

from mixvi.datasets.fcs import read_fcs

SOURCE = "Weber & Robinson 2016, Cytometry A 89:1084; FlowRepository FR-FCM-ZZPH"


@dataclass(frozen=True)
class GatedSet:
    """What is published about a set, and how its file is laid out.

    Parameters
    ----------
    names
        Name of the text file with the names of the populations, which may lie beside it.
    markers
        Columns with surface markers.
    n_cells, n_gated, n_populations
        Published numbers of cells, cells with a manual gate, and populations.
    batch
        Column with the donor or mouse, and its name in ``.obs``, if any.
    """

    names: str
    markers: slice
    n_cells: int
    n_gated: int
    n_populations: int
    batch: tuple[str, str] | None = None


LEVINE_32 = GatedSet("population_names_Levine_32dim.txt", slice(4, 36), 265_627, 104_184, 14, ("individual", "donor"))
LEVINE_13 = GatedSet("population_names_Levine_13dim.txt", slice(0, 13), 167_044, 81_747, 24)
SAMUSIK_01 = GatedSet("population_names_Samusik.txt", slice(8, 47), 86_864, 53_173, 24)
SAMUSIK_ALL = GatedSet("population_names_Samusik.txt", slice(8, 47), 841_644, 514_386, 24, ("sample", "mouse"))


def gated_reader(published: GatedSet) -> Callable[[Path], AnnData]:
    """A reader of the file of one set.

    Parameters
    ----------
    published
        What the file must hold.

    Returns
    -------
    A function of the path of an ``.fcs`` file of raw intensities (``..._notransform.fcs``). It gives the surface
    markers in ``.X`` with ``.var["marker_class"]`` ``"type"``, and the gates in ``.obs["population"]``, missing where
    there is none: names if the list of names lies beside the file, numbers otherwise.
    """

    def read(path: Path) -> AnnData:
        return _gated(read_fcs(path), published, path)

    return read


def _gated(table: AnnData, published: GatedSet, path: Path) -> AnnData:
    """Markers and gates of all columns of the file, checked against what is published."""
    columns = {name: position for position, name in enumerate(table.var["channel"])}
    absent = {"label", *(published.batch or ())[:1]} - set(columns)
    if absent:
        raise ValueError(f"{path} has no column {', '.join(sorted(absent))}: it is not the file of {SOURCE}.")
    adata = table[:, published.markers].copy()
    gate = pd.Series(table.X[:, columns["label"]], index=adata.obs_names)
    _check_numbers(adata, gate, published, path)
    names = _population_names(path.with_name(published.names))
    adata.obs["population"] = pd.Categorical([np.nan if np.isnan(g) else names.get(int(g), str(int(g))) for g in gate])
    if published.batch:
        column, name = published.batch
        adata.obs[name] = pd.Categorical(table.X[:, columns[column]].astype(int).astype(str))
    adata.var["marker_class"] = "type"
    return adata


def _check_numbers(adata: AnnData, gate: pd.Series, published: GatedSet, path: Path) -> None:
    """Refuse a file that is not what is published; no checksum is."""
    n_markers = published.markers.stop - published.markers.start
    expected = (published.n_cells, n_markers, published.n_gated, published.n_populations)
    found = (*adata.shape, int(gate.notna().sum()), gate.nunique())
    if found != expected:
        what = "{} cells × {} markers, {} cells with one of {} gates"
        raise ValueError(f"{path} has {what.format(*found)}; published are {what.format(*expected)}.")


def _population_names(path: Path) -> dict[int, str]:
    """Names of the gates by number, of a text file with a header; nothing if it is not there."""
    if not path.is_file():
        return {}
    rows = (line.split(maxsplit=1) for line in path.read_text().splitlines()[1:] if line.strip())
    return {int(number): name.strip() for number, name in rows}
