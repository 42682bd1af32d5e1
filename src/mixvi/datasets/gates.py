"""Cells by mass cytometry whose populations are known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData

COFACTOR = 5.0
LEVELS = (0.0, 1.8, 3.5)  # of a marker, arcsinh: none, some, much
SPREAD = (0.3, 0.7)  # of a marker in a population, arcsinh
CHANGES = (0.6, 0.3, 0.1)  # how often a population differs from the one that it branches off in one, two, three markers
CELL_SPREAD = 0.15  # of all markers that a cell has at all, together: its size and stain
TAIL = 5  # degrees of freedom of the noise


def simulate_cytometry(
    population_sizes: Sequence[int], n_markers: int = 9, seed: int = 0, *, doublets: float = 0.03
) -> AnnData:
    """Simulate intensities of markers in populations that branch off each other, as gates are drawn.

    Each population has none, some or much of each marker, and differs from the one that it branches off in one marker,
    two or three. How much a marker varies depends on the population; the noise has tails, and markers of a cell
    vary together.

    Parameters
    ----------
    population_sizes
        Number of cells of each population.
    n_markers
        Number of markers.
    seed
        Seed.
    doublets
        Cells that are the average of two random cells and belong to no gate, as a share of the others.

    Returns
    -------
    Raw intensities (use :func:`mixvi.cytometry.arcsinh`), with ``.var["marker_class"]``, ``"type"`` for all;
    ``.obs["population"]``, missing for doublets; and ``.uns["levels"]``, populations × markers, from 0 (none) to 2.

    Raises
    ------
    ValueError
        If a number is out of range, or there are too few markers to tell so many populations apart.

    Examples
    --------
    >>> adata = simulate_cytometry([500, 300, 20], n_markers=6)
    >>> adata.shape
    (845, 6)
    """
    if min(population_sizes, default=0) < 1 or not 0 <= doublets < 1:
        raise ValueError("Populations need at least one cell each, and doublets must be a share below 1.")
    if n_markers < 1 or len(population_sizes) > len(LEVELS) ** n_markers / 2:
        raise ValueError(f"n_markers={n_markers} are too few to tell {len(population_sizes)} populations apart.")
    rng = np.random.default_rng(seed)
    levels = _branching(len(population_sizes), n_markers, rng)  # (populations, markers)
    kind = rng.permutation(np.repeat(np.arange(len(population_sizes)), population_sizes))
    means = np.array(LEVELS)[levels] * rng.uniform(0.85, 1.15, levels.shape)
    spread = rng.uniform(*SPREAD, levels.shape)
    noise = rng.standard_t(TAIL, (len(kind), n_markers)) * np.sqrt(1 - 2 / TAIL)
    size = 1 + CELL_SPREAD * rng.standard_normal((len(kind), 1))
    raw = COFACTOR * np.sinh((means[kind] * size + spread[kind] * noise).clip(-1, 7))
    first, second = rng.integers(len(kind), size=(2, round(doublets * len(kind))))
    raw = np.concatenate([raw, (raw[first] + raw[second]) / 2])
    names = pd.Categorical.from_codes(
        np.append(kind, np.full(len(first), -1)), [str(number) for number in range(len(population_sizes))]
    )
    adata = AnnData(
        raw.astype(np.float32), obs=pd.DataFrame({"population": names}, [f"cell{i}" for i in range(len(raw))])
    )
    adata.var_names = [f"marker{number}" for number in range(n_markers)]
    adata.var["marker_class"] = "type"
    adata.uns["levels"] = levels
    return adata


def _branching(n_populations: int, n_markers: int, rng: np.random.Generator) -> np.ndarray:
    """Levels of the markers of populations, no two of which are the same, ``(populations, markers)``."""
    levels = [rng.integers(len(LEVELS), size=n_markers)]
    while len(levels) < n_populations:
        new = levels[rng.integers(len(levels))].copy()
        n_changes = min(n_markers, 1 + rng.choice(len(CHANGES), p=CHANGES))
        for marker in rng.choice(n_markers, n_changes, replace=False):
            new[marker] = (new[marker] + rng.integers(1, len(LEVELS))) % len(LEVELS)
        if not any((new == other).all() for other in levels):
            levels.append(new)
    return np.stack(levels)
