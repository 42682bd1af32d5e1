"""The ``mixvi`` command."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Cell types and cell states, learned together.")


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
    try:
        result = run_demo(data, labels, layer, out, seed)
    except (ArithmeticError, KeyError, OSError, TypeError, ValueError) as error:
        console.print(f"[bold red]error:[/] {error.args[0] if isinstance(error, KeyError) else error}", soft_wrap=True)
        raise typer.Exit(1) from error
    print_summary(result, console)
