"""Which cells are known to be alike: a sparse graph, and labels of some cells, sliced for each batch."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy import sparse
from torch import Tensor


@dataclass(frozen=True)
class BatchSimilarity:
    """What is known about the pairs of cells of a batch.

    Parameters
    ----------
    target
        Similarity of each pair, in [0, 1], symmetric, zeros on the diagonal; shape ``(batch, batch)``.
    informative
        Which pairs tell something, symmetric, never the diagonal; shape ``(batch, batch)``.
    """

    target: Tensor
    informative: Tensor


class Similarity:
    """Similarity of cells, kept sparse; made by :func:`build_similarity`.

    Parameters
    ----------
    graph
        Symmetric similarities in [0, 1], zeros on the diagonal, compressed rows; shape ``(cells, cells)``.
    labels
        Whole number of the label of each cell, −1 where it has none, shape ``(cells,)``; None without labels. Two
        labelled cells are alike if their labels are the same, whatever the graph says.

    Examples
    --------
    >>> graph = sparse.csr_matrix(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], np.float32))
    >>> Similarity(graph).batch([1, 0]).target
    tensor([[0., 1.],
            [1., 0.]])
    """

    def __init__(self, graph: sparse.csr_matrix, labels: np.ndarray | None = None):
        self.graph, self.labels = graph, labels

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return self.graph.shape[0]

    def subset(self, cells: np.ndarray) -> "Similarity":
        """The similarity among some of the cells, such as those of training.

        Parameters
        ----------
        cells
            Their positions, shape ``(chosen,)``.
        """
        return Similarity(self.graph[cells][:, cells], None if self.labels is None else self.labels[cells])

    def batch(self, cells: np.ndarray | Tensor) -> BatchSimilarity:
        """Slice a batch; time and memory do not depend on the number of all cells.

        A pair tells something if it is linked, or if it is not although each of the two has links and they have no
        linked cell in common: two cells two steps apart are likely alike, and the graph leaves them open. A pair of
        labelled cells always tells something.

        Parameters
        ----------
        cells
            Positions of the cells of the batch, shape ``(batch,)``.

        Returns
        -------
        Float and boolean tensors ``(batch, batch)``, on the device of ``cells``.
        """
        device = cells.device if isinstance(cells, Tensor) else None
        cells = np.asarray(cells.cpu() if isinstance(cells, Tensor) else cells).ravel()
        links, columns = _among(self.graph, cells)
        target = links[:, columns].toarray()  # (batch, batch)
        shared = (links @ links.T).toarray() > 0
        linked = np.diff(links.indptr) > 0
        informative = (target > 0) | (linked[:, None] & linked & ~shared)
        if self.labels is not None:
            labels = self.labels[cells]
            known = (labels[:, None] >= 0) & (labels >= 0)
            target = np.where(known, labels[:, None] == labels, target)
            informative |= known
        same = cells[:, None] == cells
        target[same], informative[same] = 0, False
        return BatchSimilarity(
            torch.as_tensor(target, dtype=torch.float32, device=device), torch.as_tensor(informative, device=device)
        )


def _among(graph: sparse.csr_matrix, cells: np.ndarray) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Rows of ``cells``, with only the columns that they use and their own; and the positions of the latter."""
    rows = graph[cells]
    used, column = np.unique(np.concatenate([rows.indices, cells]), return_inverse=True)
    links = sparse.csr_matrix((rows.data, column[: rows.nnz], rows.indptr), (len(cells), len(used)))
    return links, column[rows.nnz :]
