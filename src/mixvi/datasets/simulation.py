"""Cells whose types and states are known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from mixvi.arguments import check_whole
from mixvi.datasets.parameters import SimulationParameters
from mixvi.datasets.programmes import gene_kinds, marker_effects, state_slopes
from mixvi.datasets.taxonomy import cut, random_taxonomy

CHUNK = 1000  # cells simulated at once


def simulate_types_and_states(
    type_sizes: Sequence[int],
    n_genes: int = 200,
    n_batches: int = 1,
    seed: int = 0,
    *,
    closest: float = 1.0,
    marker_share: float = 0.1,
    marker_effect: float = 2.5,
    n_states: int = 1,
    state_effect: float = 0.7,
    responding: float = 1.0,
    batch_effect: float = 0.3,
    parameters: SimulationParameters | None = None,
) -> AnnData:
    """Simulate negative-binomial counts of a taxonomy of discrete types, each with continuous states.

    The defaults are easy: types that are equally far from each other, with strong markers, and a state that does the
    same in all of them. For types like those of a cortex, ask for a taxonomy (``closest=0.1``), fewer and weaker
    markers (``marker_share=0.05, marker_effect=2``), programmes that some types lack (``responding=0.5``), sizes from
    :func:`~mixvi.datasets.unbalanced_sizes` and ``parameters`` estimated from real cells.

    A gene is of one kind: ``"housekeeping"`` (10 %) follows nothing but depth and batch, ``"activity"`` (20 %) follows
    a state and marks no type, ``"marker"`` is raised in one or more types, ``"other"`` in none.

    Parameters
    ----------
    type_sizes
        Number of cells of each type.
    n_genes
        Number of genes; those that no cell expresses are left out.
    n_batches
        Number of batches; cells fall into them at random.
    seed
        Seed.
    closest
        How far the most similar two types are from each other, as a share of the most different two. With 1 there is
        no hierarchy.
    marker_share
        Share of the genes that are raised in a type, those that it shares with its relatives included.
    marker_effect
        Mean natural-log fold change of a marker.
    n_states
        Number of states of a cell, each standard normal; they share the activity genes out.
    state_effect
        Size of the natural-log slope of an activity gene with its state.
    responding
        Probability that an activity gene responds in a given type.
    batch_effect
        Standard deviation of a gene's natural-log fold change between batches.
    parameters
        Depth, expression and dispersion, as from :func:`~mixvi.datasets.estimate_parameters`.

    Returns
    -------
    Counts (float32) in ``.X`` (CSR), and the truth: ``.obs["type"]``, ``.obs["subclass"]``, ``.obs["class"]``,
    ``.obs["batch"]``, ``.obs["state"]`` (the first state), ``.obsm["states"]`` (cells × states), ``.var["kind"]``,
    ``.varm["effects"]`` (log fold changes of markers, genes × types), ``.varm["slopes"]`` (genes × types × states), and
    ``.uns["taxonomy"]``, the types' linkage matrix for :func:`scipy.cluster.hierarchy.dendrogram`. Types are
    numbered as in ``type_sizes``.

    Raises
    ------
    ValueError
        If a number is out of range.

    Examples
    --------
    >>> simulate_types_and_states([50, 30, 20]).obs["type"].value_counts().to_list()
    [50, 30, 20]
    """
    _check(type_sizes, n_genes, n_batches, n_states, closest, marker_share, responding)
    rng = np.random.default_rng(seed)
    parameters = parameters or SimulationParameters()
    n_cells, n_types = sum(type_sizes), len(type_sizes)
    kind_of_cell = rng.permutation(np.repeat(np.arange(n_types), type_sizes))
    states, batch = rng.standard_normal((n_cells, n_states)), rng.integers(n_batches, size=n_cells)

    taxonomy = random_taxonomy(n_types, closest, rng)
    kind = gene_kinds(n_genes, rng)
    effects = marker_effects(taxonomy, kind == "other", round(marker_share * n_genes), marker_effect, rng)
    kind[effects.any(1)] = "marker"
    slopes = state_slopes(kind == "activity", n_types, n_states, responding, state_effect, rng)

    base = parameters.draw_log_expression(n_genes, rng)
    shift = rng.normal(0, batch_effect if n_batches > 1 else 0, (n_batches, n_genes))
    depth = parameters.draw_depth(n_cells, rng)
    dispersion = parameters.dispersion_at(_share(base) * np.exp(parameters.depth_log_mean))
    chunks = []
    for start in range(0, n_cells, CHUNK):
        cells = slice(start, start + CHUNK)
        types = kind_of_cell[cells]
        log_rate = base + effects.T[types] + shift[batch[cells]]  # (cells, genes)
        for s in range(n_states):
            log_rate += states[cells, s, None] * slopes[:, :, s].T[types]
        mean = _share(log_rate) * depth[cells, None]
        chunks.append(sparse.csr_matrix(_negative_binomial(mean, dispersion, rng)))

    adata = AnnData(sparse.vstack(chunks, format="csr"))
    adata.obs_names, adata.var_names = [f"cell{i}" for i in range(n_cells)], [f"gene{i}" for i in range(n_genes)]
    subclasses, classes = cut(taxonomy, closest ** (2 / 3)), cut(taxonomy, closest ** (1 / 3))
    for level, of_type in (("type", np.arange(n_types)), ("subclass", subclasses), ("class", classes)):
        adata.obs[level] = _categorical(of_type[kind_of_cell])
    adata.obs["batch"], adata.obs["state"], adata.obsm["states"] = _categorical(batch), states[:, 0], states
    adata.var["kind"] = pd.Categorical(kind)
    adata.varm["effects"], adata.varm["slopes"], adata.uns["taxonomy"] = effects, slopes, taxonomy
    return adata[:, np.asarray(adata.X.sum(0)).ravel() > 0].copy()


def _check(type_sizes, n_genes, n_batches, n_states, closest, marker_share, responding) -> None:
    sizes = np.asarray(type_sizes)
    if sizes.ndim != 1 or not len(sizes) or sizes.dtype.kind not in "iu" or sizes.min() < 1:
        raise ValueError("type_sizes must give one or more cells for each of one or more types.")
    check_whole(n_genes=n_genes, n_batches=n_batches, n_states=n_states)
    if not 0 < closest <= 1:
        raise ValueError(f"closest={closest} must be above 0 and not above 1.")
    for name, share in (("marker_share", marker_share), ("responding", responding)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name}={share} must be between 0 and 1.")


def _categorical(number: np.ndarray) -> pd.Categorical:
    """Numbers as categories named by them, in their order."""
    return pd.Categorical(number.astype(str), categories=[str(i) for i in range(number.max() + 1)])


def _share(log_rate: np.ndarray) -> np.ndarray:
    """Share of each gene in its cell's expression: softmax over genes."""
    rate = np.exp(log_rate)
    return rate / rate.sum(-1, keepdims=True)


def _negative_binomial(mean: np.ndarray, dispersion: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw counts with variance ``mean + dispersion * mean**2``: a Poisson of a gamma."""
    noise = rng.gamma(1 / dispersion, dispersion, mean.shape)
    return rng.poisson(mean * noise).astype(np.float32)
