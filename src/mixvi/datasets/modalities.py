"""Cells measured in two ways, whose types and states are known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from mudata import MuData

from mixvi.datasets.simulation import simulate_types_and_states

FOLLOWING = 0.3  # share of the features that follow the state


def simulate_modalities(
    type_sizes: Sequence[int],
    n_genes: int = 200,
    n_features: int = 20,
    seed: int = 0,
    *,
    same_in_rna: Sequence[Sequence[int]] = (),
    same_in_ephys: Sequence[Sequence[int]] = (),
    missing: float = 0.2,
    type_effect: float = 1.0,
    state_effect: float = 1.0,
    **rna_kwargs,
) -> MuData:
    """Simulate transcriptomes and electrophysiology of the same cells: types in common, states of their own.

    Features of the electrophysiology are Gaussian, with units and offsets of their own.

    Parameters
    ----------
    type_sizes
        Number of cells of each type.
    n_genes
        Number of genes.
    n_features
        Number of electrophysiological features.
    seed
        Seed.
    same_in_rna, same_in_ephys
        Groups of types, by their numbers, that this modality does not tell apart.
    missing
        Share of the cells that lack electrophysiology. It changes nothing in the others.
    type_effect
        Standard deviation of a feature's mean between types, in units of its noise.
    state_effect
        Standard deviation of the slopes with which features follow their state, in units of the noise.
    **rna_kwargs
        Other arguments of :func:`~mixvi.datasets.simulate_types_and_states`.

    Returns
    -------
    Modalities ``"rna"`` (counts) and ``"ephys"``, and the truth: ``.obs["type"]``, ``.obs["batch"]``;
    ``.obsm["states"]`` of each modality (cells × 1 in ``"ephys"``), and ``.varm["effects"]`` of ``"ephys"`` (means,
    features × types, in units of the data). Cells that lack electrophysiology are not in ``["ephys"]``.

    Raises
    ------
    ValueError
        If a type is in two groups or does not exist, or a number is out of range.

    Examples
    --------
    >>> mdata = simulate_modalities([40, 30, 30], missing=0.2)
    >>> mdata["rna"].n_obs, mdata["ephys"].n_obs
    (100, 80)
    """
    n_types = len(type_sizes)
    if not 0 <= missing < 1:
        raise ValueError(f"missing={missing} must be at least 0 and below 1.")
    in_rna, in_ephys = _groups(n_types, same_in_rna, "same_in_rna"), _groups(n_types, same_in_ephys, "same_in_ephys")
    rna = simulate_types_and_states(
        np.bincount(in_rna, type_sizes).astype(int).tolist(), n_genes, seed=seed, **rna_kwargs
    )
    rng = np.random.default_rng([seed, 1])
    kind = np.empty(rna.n_obs, dtype=int)  # type of each cell
    group = rna.obs["type"].astype(int).to_numpy()
    for number in range(in_rna.max() + 1):
        types = np.flatnonzero(in_rna == number)
        kind[group == number] = rng.permutation(np.repeat(types, np.asarray(type_sizes)[types]))

    means = rng.normal(0, type_effect, (n_features, in_ephys.max() + 1))[:, in_ephys]  # (features, types)
    slopes = rng.normal(0, state_effect, n_features) * (rng.random(n_features) < FOLLOWING)
    state = rng.standard_normal(rna.n_obs)
    values = means.T[kind] + state[:, None] * slopes + rng.standard_normal((rna.n_obs, n_features))
    unit, offset = np.exp(rng.normal(0, 1.5, n_features)), rng.normal(0, 20, n_features)
    ephys = AnnData((unit * values + offset).astype(np.float32), obs=pd.DataFrame(index=rna.obs_names))
    ephys.var_names = [f"feature{i}" for i in range(n_features)]
    ephys.obsm["states"], ephys.varm["effects"] = state[:, None], unit[:, None] * means + offset[:, None]

    lacking = rng.choice(rna.n_obs, round(missing * rna.n_obs), replace=False)
    recorded = np.setdiff1d(np.arange(rna.n_obs), lacking)
    names = [str(number) for number in range(n_types)]
    truth = pd.DataFrame({"type": pd.Categorical(kind.astype(str), names), "batch": rna.obs["batch"]}, rna.obs_names)
    rna.obs = rna.obs[[]]
    mdata = MuData({"rna": rna, "ephys": ephys[recorded].copy()})
    mdata.obs[["type", "batch"]] = truth.loc[mdata.obs_names]
    return mdata


def _groups(n_types: int, same: Sequence[Sequence[int]], argument: str) -> np.ndarray:
    """Group of each type, from 0, where some types are the same, ``(types,)``."""
    named = [kind for group in same for kind in group]
    if len(set(named)) < len(named) or not set(named) <= set(range(n_types)):
        raise ValueError(f"{argument} must name each of the types 0 to {n_types - 1} once at most.")
    first = np.arange(n_types)
    for group in same:
        first[list(group)] = min(group)
    return np.unique(first, return_inverse=True)[1]
