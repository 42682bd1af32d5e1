"""Running the other models: MoESimVI, and the papers' baselines."""

import time

from scvi.model.base import BaseModelClass

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import marker_cells
from mixvi.genes import informative_genes


def run_model(
    cells: Cells, seed: int, model_class: type[BaseModelClass], categories_per_label: float | None = 1.0
) -> Outcome:
    """Train a model with its defaults and find the types.

    Parameters
    ----------
    cells
        The cells. Of cytometry, the model sees what its rivals see: markers of cell types, transformed, and no batches.
    seed
        Seed of the model.
    model_class
        A class of :mod:`mixvi`.
    categories_per_label
        It is told this multiple of the number of labels: 1, or :data:`~mixvi.bench.data.BOUND`. If None, it finds the
        number itself.

    Returns
    -------
    The partition ``"types"``.
    """
    started = time.perf_counter()
    model = untrained(cells, seed, model_class, categories_per_label)
    before = time.perf_counter()
    model.train(enable_progress_bar=False)
    train_seconds = time.perf_counter() - before
    types = model.get_cell_types().astype(int).to_numpy()
    chosen = {name: value for name, value in model.init_params_["non_kwargs"].items() if name != "seed"}
    return Outcome(
        found={"types": Found(types, time.perf_counter() - started)},
        train_seconds=train_seconds,
        settings={"model": chosen, "genes": model.adata.n_vars, "batch": model.registry["setup_args"]["batch_key"]},
    )


def untrained(
    cells: Cells, seed: int, model_class: type[BaseModelClass], categories_per_label: float | None = 1.0, **kwargs
) -> BaseModelClass:
    """A model of the cells: of cytometry, of the markers that its rivals see, and without batches.

    Parameters
    ----------
    cells, seed, model_class, categories_per_label
        As in :func:`run_model`.
    **kwargs
        Other arguments of the model.

    Returns
    -------
    The model.
    """
    adata = marker_cells(cells) if cells.is_cytometry else informative_genes(cells.adata)
    model_class.setup_anndata(adata, batch_key=None if cells.is_cytometry else cells.batch_key)
    n_categories = None if categories_per_label is None else cells.n_clusters(categories_per_label)
    if cells.is_cytometry:
        kwargs = {"likelihood": "normal"} | kwargs  # arcsinh values may be negative
    return model_class(adata, n_categories=n_categories, seed=seed, **kwargs)
