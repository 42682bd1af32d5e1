"""Batches that contain neighbours."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from torch.utils.data import Sampler


class NeighbourBatches(Sampler[list[int]]):
    """Batches of random cells, each with some of its neighbours; every cell comes once an epoch.

    Few pairs of a random batch are linked. Here cells are taken in random order, each with up to ``n_companions`` of
    its neighbours that are still free; then these groups are shuffled and cut into batches. Epochs differ; the same
    seed gives the same epochs.

    Parameters
    ----------
    graph
        Similarities, compressed rows, shape ``(cells, cells)``; of the training cells alone where others are held out.
    batch_size
        Cells in a batch; the last batch has the rest.
    n_companions
        Neighbours that come with a cell, at most.
    seed
        Seed.

    Yields
    ------
    Positions of the cells of a batch, in the order of ``graph``; for a :class:`torch.utils.data.DataLoader` with
    ``sampler=..., batch_size=None`` on a data set that takes lists, such as those of scvi-tools.

    Raises
    ------
    ValueError
        If a number is too small.

    Examples
    --------
    >>> graph = sparse.csr_matrix(np.kron(np.eye(3), 1 - np.eye(2)))
    >>> [sorted(batch) for batch in NeighbourBatches(graph, 2, seed=1)]
    [[0, 1], [4, 5], [2, 3]]
    """

    def __init__(self, graph: sparse.csr_matrix, batch_size: int, n_companions: int = 3, seed: int = 0):
        if batch_size < 1 or n_companions < 0:
            raise ValueError(f"batch_size={batch_size} must be at least 1, n_companions={n_companions} at least 0.")
        self.graph, self.batch_size, self.n_companions = graph, batch_size, n_companions
        self.seed = seed
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Go to an epoch, as Lightning does before each: its batches depend on the seed and on nothing else."""
        self._rng = np.random.default_rng((self.seed, epoch))

    def __len__(self) -> int:
        """Number of batches."""
        return -(-self.graph.shape[0] // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        """The batches of an epoch."""
        group = self._groups()
        order = np.lexsort((self._rng.random(len(group)), self._rng.permutation(group.max(initial=0) + 1)[group]))
        for first in range(0, len(order), self.batch_size):
            yield order[first : first + self.batch_size].tolist()

    def _groups(self) -> np.ndarray:
        """Number of the group of each cell, shape ``(cells,)``: a cell and neighbours that no group had yet."""
        n_cells = self.graph.shape[0]
        starts, columns = self.graph.indptr, self.graph.indices
        order, rank = self._rng.permutation(n_cells), self._rng.permutation(n_cells)
        group, n_groups = np.full(n_cells, -1), 0
        for cell in order:
            if group[cell] < 0:
                near = columns[starts[cell] : starts[cell + 1]]
                near = near[group[near] < 0]
                if len(near) > self.n_companions:
                    near = near[np.argpartition(rank[near], self.n_companions)[: self.n_companions]]
                group[cell] = group[near] = n_groups
                n_groups += 1
        return group
