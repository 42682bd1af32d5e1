"""How many cells a processor's cache holds: chains of element-wise operations are fastest on as many at a time."""

from torch import Tensor

BLOCK = 2**18  # values: a megabyte in single precision


def cells_at_a_time(x: Tensor) -> int:
    """Cells of ``x``, shape ``(..., genes)``, that fit into the cache together; all of them where it is on a GPU.

    Examples
    --------
    >>> import torch
    >>> cells_at_a_time(torch.zeros(1000, 2**16))
    4
    """
    n_cells = x.shape[:-1].numel()
    return max(1, BLOCK // max(1, x.shape[-1]) if x.device.type == "cpu" else n_cells)
