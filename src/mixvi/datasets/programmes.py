"""Which genes mark types, follow states, or do neither."""

import numpy as np

from mixvi.datasets.taxonomy import branches

HOUSEKEEPING_SHARE, ACTIVITY_SHARE = 0.1, 0.2  # of all genes; types are marked by some of the others
SPREAD = 0.5  # a gene's effect lies within this share of the mean effect


def gene_kinds(n_genes: int, rng: np.random.Generator) -> np.ndarray:
    """Draw ``"housekeeping"``, ``"activity"`` or ``"other"`` for each gene.

    Parameters
    ----------
    n_genes
        Number of genes.
    rng
        Random generator.

    Returns
    -------
    Kinds, ``(genes,)``.
    """
    kind = np.full(n_genes, "other", dtype=object)
    n_housekeeping, n_activity = int(HOUSEKEEPING_SHARE * n_genes), int(ACTIVITY_SHARE * n_genes)
    kind[:n_housekeeping], kind[n_housekeeping : n_housekeeping + n_activity] = "housekeeping", "activity"
    return rng.permutation(kind)


def marker_effects(
    linkage: np.ndarray, allowed: np.ndarray, n_markers: int, effect: float, rng: np.random.Generator
) -> np.ndarray:
    """Log fold changes that mark types, drawn for each branch of their taxonomy.

    A branch of length ``l`` raises ``l * n_markers`` random genes, at least one if it leads to a single type, in all
    types that hang on it. Types that part late thus share most of their markers.

    Parameters
    ----------
    linkage
        Linkage matrix of the types.
    allowed
        Boolean ``(genes,)``: those that may mark types.
    n_markers
        Number of genes raised from the root to a type.
    effect
        Mean log fold change of a marker; single ones lie within half of it on either side.
    rng
        Random generator.

    Returns
    -------
    Log fold changes, ``(genes, types)``.
    """
    members, lengths = branches(linkage)
    effects, candidates = np.zeros((len(allowed), members.shape[1])), np.flatnonzero(allowed)
    for types, length in zip(members, lengths, strict=True):
        n_raised = min(max(round(length * n_markers), int(types.sum() == 1)), len(candidates))
        genes = rng.choice(candidates, n_raised, replace=False)
        effects[np.ix_(genes, types)] += effect * rng.uniform(1 - SPREAD, 1 + SPREAD, n_raised)[:, None]
    return effects


def state_slopes(
    activity: np.ndarray, n_types: int, n_states: int, responding: float, effect: float, rng: np.random.Generator
) -> np.ndarray:
    """Log slopes of genes with each state, in each type.

    Every activity gene belongs to one state, with which it rises or falls; it does so in some types and not in others.

    Parameters
    ----------
    activity
        Boolean ``(genes,)``: those that follow a state.
    n_types
        Number of types.
    n_states
        Number of states.
    responding
        Probability that a gene responds in a type.
    effect
        Size of a slope.
    rng
        Random generator.

    Returns
    -------
    Slopes, ``(genes, types, states)``.
    """
    genes = np.flatnonzero(activity)
    slopes = np.zeros((len(activity), n_types, n_states))
    responds = rng.random((len(genes), n_types)) < responding
    direction = rng.choice([-effect, effect], len(genes))
    slopes[genes, :, np.arange(len(genes)) % n_states] = responds * direction[:, None]
    return slopes
