"""What a cytometrist would do otherwise: FlowSOM and PhenoGraph, on markers of cell types or what other cells have."""

import contextlib
import io
import time
from collections.abc import Callable
from importlib import import_module
from types import ModuleType

import numpy as np
from anndata import AnnData

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import REPRESENTATIONS, usual_representation

N_NEIGHBORS = 30  # PhenoGraph's default
GRID = 10  # nodes along each side of FlowSOM's map, its default


def run_flowsom(cells: Cells, seed: int, clusters_per_label: float = 1.0) -> Outcome:
    """FlowSOM (Van Gassen et al. 2015) with its defaults.

    Needs the optional dependencies ``mixvi[bench]``.

    Parameters
    ----------
    cells
        The cells.
    seed
        Seed of everything random.
    clusters_per_label
        Number of metaclusters, in units of the number of labels.

    Returns
    -------
    The partition ``"types"``.
    """
    n_clusters = cells.n_clusters(clusters_per_label)
    settings = {"clusters": n_clusters, "grid": GRID}
    return _timed(lambda x: flowsom_clusters(x, n_clusters, seed), cells, seed, settings)


def run_phenograph(cells: Cells, seed: int) -> Outcome:
    """PhenoGraph (Levine et al. 2015) with its defaults: 30 neighbours, Louvain.

    Needs the optional dependencies ``mixvi[bench]``.

    Parameters
    ----------
    cells
        The cells.
    seed
        Not used: Louvain, as PhenoGraph runs it, takes none.

    Returns
    -------
    The partition ``"types"``; cells of communities below PhenoGraph's smallest size are −1, one type.
    """
    return _timed(phenograph_clusters, cells, seed, {"neighbours": N_NEIGHBORS})


def flowsom_clusters(x: np.ndarray, n_clusters: int, seed: int = 0) -> np.ndarray:
    """Metaclusters of FlowSOM.

    Parameters
    ----------
    x
        Transformed markers, shape ``(cells, markers)``.
    n_clusters
        Number of metaclusters.
    seed
        Seed.

    Returns
    -------
    Whole numbers, shape ``(cells,)``.

    Raises
    ------
    ImportError
        If the package ``flowsom`` is not installed.
    """
    flowsom = _imported("flowsom")
    import_module("loguru").logger.disable("flowsom")
    model = flowsom.FlowSOM(AnnData(x.copy()), n_clusters=n_clusters, xdim=GRID, ydim=GRID, seed=seed)
    return model.metacluster_labels.to_numpy().astype(int)


def phenograph_clusters(x: np.ndarray) -> np.ndarray:
    """Communities of PhenoGraph.

    Parameters
    ----------
    x
        Transformed markers, shape ``(cells, markers)``.

    Returns
    -------
    Whole numbers by size, −1 in communities that are too small, shape ``(cells,)``.

    Raises
    ------
    ImportError
        If the package ``phenograph`` is not installed.
    """
    phenograph = _imported("phenograph")
    with contextlib.redirect_stdout(io.StringIO()):
        return phenograph.cluster(x, k=N_NEIGHBORS, n_jobs=1)[0].astype(int)


def _timed(clusters: Callable[[np.ndarray], np.ndarray], cells: Cells, seed: int, settings: dict) -> Outcome:
    """Cluster what cells of this kind are usually clustered by, and take the time."""
    representation = usual_representation(cells)
    started = time.perf_counter()
    types = clusters(REPRESENTATIONS[representation](cells, seed))
    seconds = time.perf_counter() - started
    return Outcome({"types": Found(types, seconds)}, seconds, settings | {"representation": representation})


def _imported(name: str) -> ModuleType:
    """An optional package."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"{name} is not installed: pip install 'mixvi[bench]'.") from error
