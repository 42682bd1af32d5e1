"""What a training step spends its time on."""

import torch
from rich.console import Console
from torch.profiler import ProfilerActivity, profile

from mixvi.bench.speed.running import check_device
from mixvi.bench.speed.size import Size, random_counts
from mixvi.bench.speed.tools import coupled_model, time_training

N_STEPS, N_ROWS = 16, 25


def print_profile(device: str = "cpu", threads: int = 1, console: Console | None = None) -> None:
    """Print the operations on which training at the reference size spends the most time.

    Parameters
    ----------
    device
        ``cpu`` or ``cuda``.
    threads
        Number of threads.
    console
        Where to print.

    Raises
    ------
    ValueError
        If the device is unknown or not there.

    Examples
    --------
    >>> print_profile()  # doctest: +SKIP
    """
    check_device(device)
    torch.set_num_threads(threads)
    size = Size()
    model = coupled_model(random_counts(size), size)
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (device == "cuda")
    with profile(activities=activities) as profiled:
        time_training(model, size, device, N_STEPS, start="random")
    by = f"self_{device}_time_total"
    shown = profiled.key_averages().table(sort_by=by, row_limit=N_ROWS, max_name_column_width=50)
    (console or Console()).print(shown, soft_wrap=True, highlight=False, markup=False)
