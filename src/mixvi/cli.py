"""The ``mixvi`` command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mixvi.bench.tables.names import TABLES

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Cell types and cell states, learned together.")
bench = typer.Typer(no_args_is_help=True, help="Compare models with their rivals, and their choices with each other.")
app.add_typer(bench, name="bench")


@app.callback()
def main() -> None:
    """Cell types and cell states, learned together."""


@app.command()
def demo(
    data: Annotated[
        Path | None, typer.Option(help="An .h5ad file; without it, blood cells that come with scanpy.")
    ] = None,
    labels: Annotated[str | None, typer.Option(help="Column of .obs with published labels, for scoring only.")] = None,
    layer: Annotated[
        str | None, typer.Option(help="Layer with counts or log-normalised values; .X if not given.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("mixvi_demo"),
    seed: Annotated[int, typer.Option(help="Seed of the model.")] = 0,
) -> None:
    """Learn types and states of cells; write them to an .h5ad file and a figure."""
    from mixvi.demo import print_summary, run_demo  # here, so that --help does not wait for torch

    console = Console()
    with _one_line_errors(console):
        print_summary(run_demo(data, labels, layer, out, seed), console)


@bench.command()
def types(
    data: Annotated[str, typer.Option(help="Data set, such as zeisel2015 or simulated20; a wrong name lists them.")],
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, …")] = 5,
    methods: Annotated[
        str,
        typer.Option(
            help="Methods with commas between: cplmixvi, log_pcs, pearson_pcs, scvi, a variant such as n_arms=3, or "
            "the groups default, rivals, moesim, ablation, all. A wrong name lists them."
        ),
    ] = "default",
    out: Annotated[Path, typer.Option(help="Folder of the records, one JSON file a run.")] = Path("docs/benchmarks"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Find types with several methods and seeds, and score them; runs that are recorded are skipped."""
    from mixvi.bench.types import run_types

    console = Console()
    with _one_line_errors(console):
        run_types(data, methods, seeds, out, fresh, console)


@bench.command()
def moesim(
    data: Annotated[str, typer.Option(help="Data set, such as bodenmiller2012, mnist or zeisel2015.")],
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, …")] = 5,
    out: Annotated[Path, typer.Option(help="Folder of the records, one JSON file a run.")] = Path("docs/benchmarks"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Types and generated cells of MoESimVI beside FlowSOM, PhenoGraph, Leiden, k-means and VaDE; resumable."""
    from mixvi.bench.moesim import run_moesim

    console = Console()
    with _one_line_errors(console):
        run_moesim(data, seeds, out, fresh, console)


@bench.command()
def augment(
    data: Annotated[str, typer.Option(help="Data set, such as mnist or zeisel2015; a wrong name lists them.")],
    augmenter: Annotated[str, typer.Option(help="Augmenter, such as vaegan, thinning or neighbours.")] = "vaegan",
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, …")] = 1,
    out: Annotated[Path, typer.Option(help="Folder of the records, one JSON file a run.")] = Path(
        "docs/benchmarks/augment"
    ),
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Copy cells, and score how many copies keep their label; runs that are recorded are skipped."""
    from mixvi.bench.augment import run_augment

    console = Console()
    with _one_line_errors(console):
        run_augment(data, augmenter, seeds, out, fresh, console)


def _add_table(name: str, about: str) -> None:
    """Make ``mixvi bench NAME`` a command that runs a table of the papers."""

    @bench.command(name, help=f"{about} Runs that are recorded are skipped.")
    def table(
        seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, …")] = 1,
        iters: Annotated[
            str | None,
            typer.Option(help="Training steps, as 2000, or a share of the published ones, as 10%; else these."),
        ] = None,
        quick: Annotated[bool, typer.Option("--quick", help="Small stand-ins: a minute or two.")] = False,
        device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
        out: Annotated[Path, typer.Option(help="Folder of the records, one JSON file a run.")] = Path(
            "docs/benchmarks/tables"
        ),
        fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
    ) -> None:
        from mixvi.bench.tables.running import run_table

        console = Console()
        with _one_line_errors(console):
            run_table(name, seeds, iters, quick, device, out, fresh, console)


for _name, _about in TABLES.items():
    _add_table(_name, _about)


@bench.command()
def answers(
    show: Annotated[
        str,
        typer.Option(
            help="Questions with commas between: genes, calibration, pruning, new_cells, interferon, activity, "
            "modalities; or all."
        ),
    ] = "all",
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds: 0, 1, …")] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few cells and short trainings, to try it out; the numbers mean nothing.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the records, one JSON file a run; docs/benchmarks/answers, or mixvi_answers_quick with "
            "--quick, if not given."
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Ask trained models about states, confidence, new cells and more; runs that are recorded are skipped."""
    from mixvi.bench.answers.running import run_answers

    console = Console()
    with _one_line_errors(console):
        run_answers(show, seeds, quick, out, fresh, console)


@bench.command()
def speed(
    vs: Annotated[str, typer.Option(help="Tools to compare with, a comma between: naive, scvi.")] = "",
    curves: Annotated[bool, typer.Option("--curves", help="Vary cells, genes, categories, arms and more.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Only show what a training step spends time on.")] = False,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="Threads of the comparison.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each case, in turns.")] = 3,
    out: Annotated[Path, typer.Option(help="Folder of the records.")] = Path("docs/benchmarks/speed"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Time training steps beside the time of their matrix products, and beside other tools; resumable."""
    from mixvi.bench.speed.profile import print_profile
    from mixvi.bench.speed.running import run_speed

    console = Console()
    with _one_line_errors(console):
        if profile:
            print_profile(device, threads, console)
        else:
            run_speed(vs, curves, device, threads, repeats, out, fresh, console)


@bench.command()
def dependence(
    data: Annotated[str, typer.Option(help="Data set of images with labels: mnist, or digits.")] = "mnist",
    quick: Annotated[bool, typer.Option("--quick", help="The digits of scikit-learn, which need no download.")] = False,
) -> None:
    """Supplement H of cpl-mixVAE: how angle and width of digits depend on the digit."""
    from mixvi.bench.tables.dependence import run_dependence

    console = Console()
    with _one_line_errors(console):
        run_dependence("digits" if quick else data, console)


@bench.command()
def scale(
    cells: Annotated[str, typer.Option(help="Numbers of cells with commas between.")] = "1e5,3e5,1e6",
    model: Annotated[
        str, typer.Option(help="cplmixvi, or moesimvi, which is trained on cells in memory.")
    ] = "cplmixvi",
    genes: Annotated[int, typer.Option(min=50, help="Number of genes.")] = 5000,
    steps: Annotated[int, typer.Option(min=1, help="Training steps, of 512 cells.")] = 200,
    threads: Annotated[int, typer.Option(min=1, help="Threads of torch.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder of the records.")] = Path("docs/benchmarks/scale"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again what is recorded, and replace it.")] = False,
) -> None:
    """Time and memory of more and more cells in a file: setup, training, types; runs that are recorded are skipped."""
    from mixvi.bench.scale.running import run_scale

    console = Console()
    with _one_line_errors(console):
        run_scale(cells, model, genes, steps, threads, out, fresh, console)


@bench.command()
def report(
    records: Annotated[Path, typer.Option(help="Folder of the records.")] = Path("docs/benchmarks"),
    out: Annotated[Path, typer.Option(help="Folder for the pages and their figures.")] = Path("docs"),
) -> None:
    """Write the pages of benchmarks, answers and tables, and their figures, from the records of all runs."""
    from mixvi.bench.answers.page import write_answers
    from mixvi.bench.report import write_report
    from mixvi.bench.scale.page import write_scale
    from mixvi.bench.speed.page import write_performance
    from mixvi.bench.tables.page import write_tables

    console = Console()
    with _one_line_errors(console):
        pages = (
            write_report(records, out),
            write_answers(records / "answers", out),
            write_tables(records / "tables", out),
            write_performance(records, out),
            write_scale(records / "scale", out),
        )
        for page in filter(None, pages):
            console.print(f"Wrote {page}.", soft_wrap=True)


@contextmanager
def _one_line_errors(console: Console) -> Iterator[None]:
    """Print what is wrong in one line, and exit with 1."""
    try:
        yield
    except (ArithmeticError, KeyError, OSError, TypeError, ValueError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        console.print(f"[bold red]error:[/] {escape(str(message))}", soft_wrap=True)
        raise typer.Exit(1) from error
