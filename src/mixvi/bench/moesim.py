"""The tables of MoE-Sim-VAE on a data set: its types beside those of other tools, and what it generates."""

from functools import cache
from pathlib import Path

from rich.console import Console

from mixvi.bench.data import Cells, check_name, load_cells
from mixvi.bench.generation import MODELS, run_generation
from mixvi.bench.methods import GROUPS
from mixvi.bench.representations import usual_representation
from mixvi.bench.samples import run_by_sample
from mixvi.bench.types import compare

SAMPLES = {"bodenmiller2012": "well"}  # column with samples that are also clustered by themselves
IN_SAMPLES = ["moesimvi", "moesimvi_k", "moesimvi_bound", "flowsom", "phenograph"]


def run_moesim(
    data: str,
    n_seeds: int = 5,
    out: Path = Path("docs/benchmarks"),
    fresh: bool = False,
    console: Console | None = None,
) -> None:
    """Run MoESimVI, FlowSOM, PhenoGraph, Leiden and k-means with the seeds 0, 1, …; skip the runs that are recorded.

    MoESimVI finds the number of types, is told that of the labels, or 10/7 of that as an upper bound. Beside them runs
    what could be reached: a random forest that is taught the labels, labels that nothing but identical cells confuses,
    and labels that are merged where cells are continuous. Then the samples of some data sets are clustered
    by themselves; and MoESimVI, with and without its similarity, and VaDEVI generate cells, which are judged.

    Parameters
    ----------
    data, n_seeds, out, fresh, console
        As in :func:`mixvi.bench.types.run_types`, whose records these are, too.

    Raises
    ------
    OSError
        If the folder cannot be written to.
    ValueError
        If the name is unknown, or the records are of other cells.

    Examples
    --------
    >>> run_moesim("bodenmiller2012", n_seeds=1)  # doctest: +SKIP
    """
    check_name(data)

    @cache
    def load() -> Cells:
        return load_cells(data)

    methods = [*GROUPS["moesim"], usual_representation(load()), *GROUPS["limits"]]
    compare(data, load, methods, n_seeds, out, fresh, console)
    if column := SAMPLES.get(data):
        run_by_sample(data, column, load, IN_SAMPLES, n_seeds, out, fresh, console)
    run_generation(data, load, list(MODELS), n_seeds, out, fresh, console)
