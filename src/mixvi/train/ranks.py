"""Several processes that train together."""

import torch


def draw_as_rank(rank: int) -> None:
    """Let a process draw random numbers of its own, so that copies of its cells are not those of the others' cells.

    Parameters
    ----------
    rank
        Number of the process; the first, 0, draws what it would draw alone.
    """
    if rank > 0:
        torch.manual_seed(int(torch.randint(2**62, ())) + rank)
