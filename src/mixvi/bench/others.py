"""Running the other models: MoESimVI, and the papers' baselines."""

import time

from scvi.model.base import BaseModelClass

from mixvi.bench.data import Cells
from mixvi.bench.outcome import Found, Outcome
from mixvi.bench.representations import marker_cells
from mixvi.genes import informative_genes


def run_model(cells: Cells, seed: int, model_class: type[BaseModelClass], categories_given: bool = True) -> Outcome:
    """Train a model with its defaults and find the types.

    Parameters
    ----------
    cells
        The cells. Of cytometry, the model sees what its rivals see: markers of cell types, transformed, and no batches.
    seed
        Seed of the model.
    model_class
        A class of :mod:`mixvi`.
    categories_given
        Whether it is told the number of labels.

    Returns
    -------
    The partition ``"types"``.
    """
    started = time.perf_counter()
    adata = marker_cells(cells) if cells.is_cytometry else informative_genes(cells.adata)
    batch_key = None if cells.is_cytometry else cells.batch_key
    model_class.setup_anndata(adata, batch_key=batch_key)
    model = model_class(adata, n_categories=cells.n_labels if categories_given else None, seed=seed)
    before = time.perf_counter()
    model.train(enable_progress_bar=False)
    train_seconds = time.perf_counter() - before
    types = model.get_cell_types().astype(int).to_numpy()
    chosen = {name: value for name, value in model.init_params_["non_kwargs"].items() if name != "seed"}
    return Outcome(
        found={"types": Found(types, time.perf_counter() - started)},
        train_seconds=train_seconds,
        settings={"model": chosen, "genes": adata.n_vars, "batch": batch_key},
    )
