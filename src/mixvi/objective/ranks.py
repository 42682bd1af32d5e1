"""Batches that are spread over several processes: statistics of the whole batch, not of one process's part."""

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.nn.functional import all_gather


def of_all_ranks(log_q: Tensor) -> Tensor:
    """The posteriors of the cells of all processes, so that a coupling sees the whole batch.

    Differentiable: gradients with respect to a process's cells come from the couplings of all processes. As these are
    the same, and gradients of parameters are averaged over the processes (as PyTorch's ``DistributedDataParallel``
    does), they are those of a single process with the whole batch. Processes need as many cells each.

    Parameters
    ----------
    log_q
        Log-probabilities of this process's cells, shape ``(arms, cells, categories)``.

    Returns
    -------
    Shape ``(arms, processes * cells, categories)``; ``log_q`` itself in a single process.

    Examples
    --------
    >>> of_all_ranks(torch.zeros(2, 5, 3)).shape
    torch.Size([2, 5, 3])
    """
    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return log_q
    return torch.cat(all_gather(log_q.contiguous()), dim=1)
