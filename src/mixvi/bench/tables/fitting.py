"""Training the model of a row."""

import math
import time

from anndata import AnnData

from mixvi.augment import Affine
from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import marker_cells
from mixvi.bench.tables.measures import measured
from mixvi.bench.tables.quick import QUICK_BATCH
from mixvi.bench.tables.recipes import RECIPES
from mixvi.bench.tables.specs import TableRow
from mixvi.genes import informative_genes
from mixvi.images import shape_of_images
from mixvi.model import CplMixVI, MoESimVI


def train_row(cells: Cells, row: TableRow, n_steps: int, seed: int, accelerator: str, quick: bool) -> Outcome:
    """Build, train and measure the model of a row.

    Parameters
    ----------
    cells
        The cells.
    row
        The row.
    n_steps, seed
        Training steps, and the seed of the model.
    accelerator
        As Lightning calls it.
    quick
        Whether batches are small, and a learned augmenter is hardly trained.

    Returns
    -------
    The partition ``"types"``, and in ``details["measures"]`` what :func:`~mixvi.bench.tables.measures.measured` finds,
    and the speed in steps a second.
    """
    started = time.perf_counter()
    recipe = RECIPES[row.recipe]
    adata, batch_key = _seen(cells)
    shape = shape_of_images(adata)
    arguments, training = recipe.arguments(images=shape is not None)
    given = {"n_categories": row.n_categories or cells.n_labels}
    if row.n_state and recipe.model_class is not MoESimVI:
        given["n_state"] = row.n_state
    if isinstance(maps := arguments.get("augmenter"), dict):
        arguments["augmenter"] = Affine(shape, **maps)
    recipe.model_class.setup_anndata(adata, batch_key=batch_key)
    model = recipe.model_class(adata, seed=seed, **given, **arguments)
    quietly = {"enable_progress_bar": False, "accelerator": accelerator}
    if quick:
        training["batch_size"] = QUICK_BATCH
        if arguments.get("augmenter") == "vaegan":
            model.train_augmenter(max_epochs=1, **quietly)
    before = time.perf_counter()
    model.train(**_as_steps(recipe.model_class, adata.n_obs, n_steps, training), **training, **quietly)
    seconds = time.perf_counter() - before
    types = model.get_cell_types().astype(int).to_numpy()
    found = Found(types, time.perf_counter() - started)
    return Outcome(
        found={"types": found},
        train_seconds=seconds,
        settings={
            "steps": n_steps,
            "published_steps": row.n_steps,
            "categories": given["n_categories"],
            "device": str(model.module.device.type),
            "genes": adata.n_vars,
        },
        details={"measures": measured(model, cells, seed) | {"speed": n_steps / seconds}},
    )


def _seen(cells: Cells) -> tuple[AnnData, str | None]:
    """What a model is shown, and the key of its batches."""
    if cells.is_cytometry:
        return marker_cells(cells), None
    if shape_of_images(cells.adata):
        return cells.adata.copy(), None
    return informative_genes(cells.adata), cells.batch_key


def _as_steps(model_class: type, n_cells: int, n_steps: int, training: dict) -> dict:
    """Arguments that make a model train for a number of steps."""
    if not issubclass(model_class, (CplMixVI, MoESimVI)):
        return {"max_steps": n_steps}
    batch_size = training.setdefault("batch_size", 256)
    return {"max_epochs": math.ceil(n_steps / max(1, n_cells // batch_size)), "max_steps": n_steps}
