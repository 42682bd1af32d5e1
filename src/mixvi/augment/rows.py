"""Cells kept in little memory, from which rows are taken as a dense tensor."""

import torch
from torch import Tensor, nn

NAMES = ("values", "columns", "starts")


class SparseRows(nn.Module):
    """A matrix in compressed sparse rows, kept in buffers: it moves and is saved with the module it belongs to.

    Examples
    --------
    >>> rows = SparseRows()
    >>> rows.store(torch.tensor([[0.0, 5.0], [0.0, 0.0], [7.0, 0.0]]))
    >>> rows.take(torch.tensor([2, 0, 2]))
    tensor([[7., 0.],
            [0., 5.],
            [7., 0.]])
    """

    values: Tensor
    columns: Tensor
    starts: Tensor
    n_columns: Tensor

    def __init__(self):
        super().__init__()
        self.register_buffer("values", torch.empty(0))
        self.register_buffer("columns", torch.empty(0, dtype=torch.int32))
        self.register_buffer("starts", torch.zeros(1, dtype=torch.long))
        self.register_buffer("n_columns", torch.tensor(0))

    def store(self, x: Tensor) -> None:
        """Keep a dense matrix ``(rows, columns)``."""
        row, column = x.nonzero(as_tuple=True)
        self.values, self.columns = x[row, column], column.int()
        self.starts = torch.cat([row.new_zeros(1), torch.bincount(row, minlength=len(x)).cumsum(0)])
        self.n_columns.fill_(x.shape[1])

    def take(self, index: Tensor) -> Tensor:
        """Rows at the positions ``(n,)``, dense: ``(n, columns)``."""
        sizes = self.starts[index + 1] - self.starts[index]
        row = torch.repeat_interleave(torch.arange(len(index), device=index.device), sizes)
        within = torch.arange(len(row), device=index.device) - (sizes.cumsum(0) - sizes)[row]
        at = self.starts[index][row] + within
        dense = self.values.new_zeros(len(index), int(self.n_columns))
        dense[row, self.columns[at].long()] = self.values[at]
        return dense

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args) -> None:
        """Make room for the saved rows, whose number is only known now."""
        for name in NAMES:
            setattr(self, name, torch.empty_like(state_dict[prefix + name], device=self.starts.device))
        super()._load_from_state_dict(state_dict, prefix, *args)
