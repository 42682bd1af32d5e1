"""Where training begins when cells lack modalities."""

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor, nn

from mixvi.nn import cells_with_values
from mixvi.train.states import StartingStates

DONORS = 15  # nearest cells, of which one gives what is missing


def fill_missing(blocks: list[np.ndarray], present: np.ndarray, seed: int) -> np.ndarray:
    """Fill in what cells lack with that of a cell near by, so that they can be clustered with the others.

    A cell takes the whole block of one of the nearest cells that have it, drawn at random (random hot-deck
    imputation): an average of several would lie between types that this modality alone separates, and close the gap.
    Near is what is near in all the blocks that the cell has.

    Parameters
    ----------
    blocks
        Projections of each modality, each of shape ``(cells, components)``.
    present
        Which cells have which modality, boolean, shape ``(modalities, cells)``; each cell has at least one.
    seed
        Seed.

    Returns
    -------
    All blocks side by side, shape ``(cells, all components)``. Zero where no cell could give what is missing.
    """
    rng = np.random.default_rng(seed)
    filled = [np.where(has[:, None], block, 0) for block, has in zip(blocks, present, strict=True)]
    for pattern in np.unique(present, axis=1).T:
        cells = np.flatnonzero((present == pattern[:, None]).all(0))
        known = np.hstack([block for block, has in zip(blocks, pattern, strict=True) if has])
        for lacking in np.flatnonzero(~pattern):
            donors = np.flatnonzero(present[pattern].all(0) & present[lacking])
            if not len(donors):
                continue
            n_near = min(DONORS, len(donors))
            near = (
                NearestNeighbors(n_neighbors=n_near).fit(known[donors]).kneighbors(known[cells], return_distance=False)
            )
            drawn = near[np.arange(len(cells)), rng.integers(n_near, size=len(cells))]
            filled[lacking][cells] = blocks[lacking][donors[drawn]]
    return np.hstack(filled)


class ModalityStates(nn.Module):
    """:class:`~mixvi.train.StartingStates` of every modality, for all arms.

    Parameters
    ----------
    states
        Of each modality.
    n_arms
        Arms of each modality.
    """

    def __init__(self, states: dict[str, StartingStates], n_arms: int):
        super().__init__()
        self.names, self.n_arms = list(states), n_arms
        self.states = nn.ModuleList(states.values())

    @torch.no_grad()
    def forward(self, x: dict[str, Tensor], batch: Tensor, types: Tensor) -> Tensor:
        """States ``(arms, cells, n_state)`` of cells with their batches and types; zero where a cell lacks values."""
        of_modalities = [
            states(x[name], batch, types) * cells_with_values(x[name])[:, None]
            for name, states in zip(self.names, self.states, strict=True)
        ]
        return torch.stack(of_modalities).repeat_interleave(self.n_arms, 0)
