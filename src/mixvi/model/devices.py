"""Training on several devices."""

from typing import Any

import torch
from lightning.pytorch.strategies import DDPStrategy, Strategy


def n_processes(trainer_kwargs: dict[str, Any]) -> int:
    """Number of processes that train together: one, unless ``strategy`` is a kind of DDP.

    Parameters
    ----------
    trainer_kwargs
        Arguments of the trainer, of which ``strategy``, ``devices`` and ``num_nodes`` are looked at.

    Returns
    -------
    The number.

    Raises
    ------
    ValueError
        If the strategy spreads a model in another way, which was never tried.

    Examples
    --------
    >>> n_processes({"strategy": "ddp", "devices": 2, "num_nodes": 3})
    6
    >>> n_processes({})
    1
    """
    strategy = trainer_kwargs.get("strategy", "auto")
    if strategy == "auto" or (isinstance(strategy, Strategy) and not isinstance(strategy, DDPStrategy)):
        return 1
    if not isinstance(strategy, DDPStrategy) and not str(strategy).startswith("ddp"):
        raise ValueError(f"strategy={strategy!r}: several devices train by 'ddp', a single one by 'auto'.")
    devices = trainer_kwargs.get("devices", "auto")
    match devices:
        case list() | tuple():
            each = len(devices)
        case "auto" | -1 | "-1":
            each = max(1, torch.cuda.device_count())
        case _:
            each = int(devices)
    return each * int(trainer_kwargs.get("num_nodes", 1))


def check_one_process(trainer_kwargs: dict[str, Any], why: str) -> None:
    """Refuse to train in several processes.

    Parameters
    ----------
    trainer_kwargs
        As in :func:`n_processes`.
    why
        What cannot be spread, as the beginning of a sentence.

    Raises
    ------
    ValueError
        If several processes were asked for.
    """
    if n_processes(trainer_kwargs) > 1:
        raise ValueError(f"{why} one device: leave out strategy and devices, or pass devices=1.")
