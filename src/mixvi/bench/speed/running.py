"""Timing case after case, each in a process of its own, and keeping the times."""

import json
import logging
import multiprocessing
import platform
import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from statistics import median

import torch
from rich.console import Console

from mixvi.bench.records import versions, write_json
from mixvi.bench.speed.cases import Case, case_of, curve_cases, reference_cases
from mixvi.bench.speed.floor import peak_rate
from mixvi.bench.speed.tools import RIVALS, TOOLS

FOLDER = Path("docs/benchmarks/speed")


def run_speed(
    vs: str = "",
    curves: bool = False,
    device: str = "cpu",
    threads: int = 1,
    repeats: int = 3,
    out: Path = FOLDER,
    fresh: bool = False,
    console: Console | None = None,
) -> list[dict]:
    """Time training steps; skip what is recorded.

    Cases take turns, several times each, so that what else the machine does meets them all. Writes
    ``OUT/steps/DEVICE/CASE.json``.

    Parameters
    ----------
    vs
        Other tools, ``naive`` (the papers' step written plainly) and ``scvi``, with a comma between them.
    curves
        Time also other numbers of cells, genes, categories, arms, cells in a batch, and threads.
    device
        ``cpu`` or ``cuda``.
    threads
        Of the comparison with other tools.
    repeats
        Runs of each case.
    out
        Folder of the records.
    fresh
        Run again what is recorded, and replace it.
    console
        Where to print; nowhere if None.

    Returns
    -------
    The records.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    ValueError
        If a tool or the device is unknown or not there.

    Examples
    --------
    >>> run_speed("naive,scvi")  # doctest: +SKIP
    """
    console = console or Console(quiet=True)
    rivals = _checked(vs, device)
    cases = reference_cases(rivals, device, threads)
    if curves:
        cases = list(dict.fromkeys(cases + curve_cases(device, torch.get_num_threads())))
    paths = {case: out / "steps" / device / file_name(case) for case in cases}
    if fresh:
        for path in paths.values():
            path.unlink(missing_ok=True)
    for _ in range(repeats):
        for case, path in paths.items():
            record = json.loads(path.read_text()) if path.exists() else None
            if record is None or len(record["runs"]) < repeats:
                record = _extended(record, case)
                write_json(path, record)
                console.print(line(record), soft_wrap=True, highlight=False, markup=False)
    return [json.loads(path.read_text()) for path in paths.values()]


def _checked(vs: str, device: str) -> list[str]:
    """Names of the tools to compare with."""
    names = [name.strip() for name in vs.split(",") if name.strip()]
    if unknown := [name for name in names if name not in RIVALS]:
        raise ValueError(f"vs: unknown tool {unknown[0]!r}. Choose from {', '.join(RIVALS)}.")
    check_device(device)
    return names


def check_device(device: str) -> None:
    """Refuse devices that are unknown or not there."""
    if device not in ("cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        raise ValueError(f"device={device!r}: choose cpu, or cuda where there is a GPU.")


def file_name(case: Case) -> str:
    """Name of the file of a case's record."""
    return f"{case.name.replace(' ', '_')}.json"


def _extended(record: dict | None, case: Case) -> dict:
    """A record with one more run."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_be_quiet) as pool:
        run = pool.submit(measure, case).result()
    record = record or {
        "tool": case.tool,
        "size": asdict(case.size),
        "device": case.device,
        "threads": case.threads,
        "processor": processor(case.device),
        "versions": versions(),
        "runs": [],
    }
    return record | {"runs": [*record["runs"], run]}


def _be_quiet() -> None:
    logging.getLogger("mixvi").setLevel(logging.ERROR)  # random cells have no types, which is no news


def measure(case: Case) -> dict:
    """Time a case once, in this process.

    Returns
    -------
    As the tool, with ``peak_rate`` of the device in operations a second, and ``memory_gb``, the most that was used: of
    the process, or of the GPU.
    """
    torch.set_num_threads(case.threads)
    torch.manual_seed(0)
    run = {"peak_rate": peak_rate(case.device)} | TOOLS[case.tool](case.size, case.device)
    if case.device == "cuda":
        return run | {"memory_gb": torch.cuda.max_memory_allocated() / 1e9}
    return run | {"memory_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def seconds_per_step(record: dict) -> float:
    """The median of the runs: of their median steps, or on a GPU, where steps overlap, of their mean."""
    return median(run["mean" if record["device"] == "cuda" else "median"] for run in record["runs"])


def floor_seconds(record: dict) -> float | None:
    """Time of a step's matrix products at the device's best rate; None of tools whose operations are not counted."""
    if "operations" not in record["runs"][0]:
        return None
    return record["runs"][0]["operations"] / max(run["peak_rate"] for run in record["runs"])


def line(record: dict) -> str:
    """One record in a line."""
    seconds, least = seconds_per_step(record), floor_seconds(record)
    floor = f", floor {1e3 * least:.1f} ms, ratio {seconds / least:.2f}" if least else ""
    memory = max(run["memory_gb"] for run in record["runs"])
    runs = len(record["runs"])
    return f"{case_of(record).name}: {1e3 * seconds:.1f} ms a step{floor}, at most {memory:.2f} GB ({runs} runs)"


def processor(device: str) -> str:
    """Name of the GPU, or of the processor."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
