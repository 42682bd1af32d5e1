"""What is timed: tools and sizes."""

from dataclasses import asdict, dataclass, field, fields

from mixvi.bench.speed.size import Size

ARMS = (2, 5)
CURVES: dict[str, tuple] = {
    "n_cells": (4_000, 16_000, 64_000),
    "n_genes": (1_000, 2_000, 5_000, 10_000, 20_000),
    "n_categories": (10, 30, 115, 300, 1_000),
    "n_arms": (1, 2, 3, 5, 8),
    "batch_size": (128, 256, 512, 1_000, 4_000),
}
THREADS = (1, 2, 4, 8)
PAPER: dict[str, tuple[str, Size, float]] = {  # steps a second of cpl-mixVAE on a GeForce RTX 2080 Ti, Table 1
    "MNIST": (
        "images",
        Size(n_categories=10, n_state=10, n_hidden=400, n_bottleneck=400, n_genes=784, zeros=0.8, batch_size=256),
        17.5,
    ),
    "Smart-seq ALM-VISp": ("mixvi", Size(), 10.1),
    "10X MOp": ("mixvi", Size(n_categories=140), 8.2),
}


@dataclass(frozen=True)
class Case:
    """One thing to time.

    Parameters
    ----------
    tool
        A name of :data:`mixvi.bench.speed.tools.TOOLS`.
    size
        Sizes.
    device, threads
        Where it runs.
    """

    tool: str = "mixvi"
    size: Size = field(default_factory=Size)
    device: str = "cpu"
    threads: int = 1

    @property
    def name(self) -> str:
        """The tool, and what differs from the reference size, such as ``mixvi n_arms=5``."""
        chosen, usual = asdict(self.size), asdict(Size())
        others = [f"{key}={value}" for key, value in chosen.items() if value != usual[key]]
        return " ".join([self.tool, *others, *([f"threads={self.threads}"] if self.threads > 1 else [])])


def reference_cases(vs: list[str], device: str, threads: int) -> list[Case]:
    """The papers' neurons with two and five arms, of mixvi and of those that it is compared with; and their data."""
    papers = [Case(tool, size, device, threads) for tool, size, _ in PAPER.values()]
    arms = [Case(tool, Size(n_arms=n), device, threads) for n in ARMS for tool in ("mixvi", *vs) if tool != "scvi"]
    scvi = [Case("scvi", Size(), device, threads)] * ("scvi" in vs)
    return list(dict.fromkeys(arms + scvi + papers))


def curve_cases(device: str, n_threads: int) -> list[Case]:
    """One size after the other away from the reference, and threads up to those that there are."""
    changed = [
        Size(**{name: value} | ({"n_cells": 16_000} if name == "batch_size" and value > 1_000 else {}))
        for name, values in CURVES.items()
        for value in values
    ]
    threads = [n for n in THREADS if n <= n_threads] if device == "cpu" else [1]
    cases = [Case("mixvi", size, device) for size in changed] + [Case("mixvi", Size(), device, n) for n in threads]
    return list(dict.fromkeys(cases))


def case_of(record: dict) -> Case:
    """The case that a record is of."""
    size = Size(**{f.name: record["size"][f.name] for f in fields(Size)})
    return Case(record["tool"], size, record["device"], record["threads"])
