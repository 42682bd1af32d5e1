"""Small stand-ins for the papers' data, which come with this package or its dependencies."""

from dataclasses import replace

from anndata import AnnData

from mixvi.bench.data import Cells, load_cells
from mixvi.bench.tables.specs import TableRow
from mixvi.datasets import dsprites_rendered, simulate_types_and_states
from mixvi.images import to_anndata, to_images

QUICK_STEPS = "60"
QUICK_BATCH = 64
SHRINK = 4
DIGITS, SPRITES, SIMULATED = "digits", "few_sprites", "few_cells"
STAND_INS = {
    "mnist": DIGITS,
    "svhn": DIGITS,
    "dsprites": SPRITES,
    "dsprites_rendered": SPRITES,
}


def quick_rows(rows: tuple[TableRow, ...]) -> tuple[TableRow, ...]:
    """The same methods on stand-ins, whose number of labels they are told unless a row is about another number.

    Parameters
    ----------
    rows
        The rows.

    Returns
    -------
    Rows without the paper's numbers, which are of other data; each method once on a stand-in, and no quoted ones.
    """
    quick = {}
    for row in rows:
        data = STAND_INS.get(row.data, SIMULATED)
        n_categories = row.n_categories if data == DIGITS else None
        n_state = min(row.n_state, 6) if row.n_state else None
        if row.recipe:
            small = replace(row, data=data, printed={}, n_categories=n_categories, n_state=n_state)
            quick.setdefault((data, small.method), small)
    return tuple(quick.values())


def quick_cells(name: str) -> Cells:
    """A stand-in: the digits of scikit-learn, 300 rendered sprites of 16 × 16 pixels, or 300 simulated cells.

    Parameters
    ----------
    name
        Of the stand-in.

    Returns
    -------
    The cells.
    """
    if name == DIGITS:
        return load_cells(DIGITS)
    if name == SPRITES:
        adata = _smaller(dsprites_rendered(300))
        return Cells(name, adata, adata.obs["label"].astype(object))
    adata = simulate_types_and_states([150, 90, 60], n_genes=120)
    return Cells(name, adata, adata.obs["type"].astype(object))


def _smaller(adata: AnnData) -> AnnData:
    """Images with a pixel for each square of ``SHRINK`` × ``SHRINK``."""
    images = to_images(adata)
    n, side = len(images), images.shape[1] // SHRINK
    smaller = to_anndata(images.reshape(n, side, SHRINK, side, SHRINK).mean((2, 4)))
    smaller.obs = adata.obs
    return smaller
