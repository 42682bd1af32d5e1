"""The least that a training step can take: its matrix products, at the rate of the device's best."""

import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

SIDES = (512, 1024, 2048)  # of square products; one of them is the device's best
REPEATS = 8


def peak_rate(device: str = "cpu") -> float:
    """Operations a second of the fastest of some square matrix products in single precision.

    Parameters
    ----------
    device
        Where to multiply.

    Returns
    -------
    Multiplications and additions a second.
    """
    return max(2 * side**3 / _seconds_of_product(side, device) for side in SIDES)


def _seconds_of_product(side: int, device: str) -> float:
    """The fastest of some products of two square matrices."""
    left, right = torch.randn(2, side, side, device=device)
    out = torch.mm(left, right)
    seconds = []
    for _ in range(REPEATS):
        synchronise(device)
        started = time.perf_counter()
        torch.mm(left, right, out=out)
        synchronise(device)
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def n_operations(step: Callable[[], object]) -> int:
    """Multiplications and additions in the matrix products of a step.

    Parameters
    ----------
    step
        Does the step when it is called.

    Returns
    -------
    Their number.

    Examples
    --------
    >>> a = torch.ones(2, 3)
    >>> n_operations(lambda: a @ a.T)
    24
    """
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def synchronise(device: str) -> None:
    """Wait until the device has done what it was told to."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize()
