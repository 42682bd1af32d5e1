"""Whether cells measured in two ways get the right types, from both and from one alone."""

import numpy as np
import pandas as pd
from mudata import MuData

from mixvi import CplMixVI, datasets
from mixvi.bench.answers.question import Answer, Question
from mixvi.bench.data import load_cells
from mixvi.bench.representations import marker_cells
from mixvi.genes import informative_genes
from mixvi.metrics import clustering_scores

N_CELLS = 6_000  # of mass cytometry, at random, the same for every seed
LYMPHOID = ("CD3", "CD4", "CD7", "CD123")  # markers of the first panel; the second has the others
HELD_OUT = 0.25  # share of the cells
LACKING = 0.1  # share of the cells without the second panel
SIMULATED, PANELS, PATCHSEQ = "rna_and_ephys", "bodenmiller2012_panels", "scala2020_patchseq"


def type_by_modalities(case: str, seed: int, quick: bool) -> Answer:
    """Scores of the types found from all modalities together, and of what each one alone gives new cells.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Accuracy, ARI and NMI with the labels of the cells that were trained on; and the accuracy of the types of new cells,
    from all modalities and from each one alone. Arms know the types of training cells by heart: an arm alone may give
    these types that its modality does not tell.
    """
    if case == SIMULATED:
        mdata, labels = simulated_modalities(seed, quick)
    else:
        mdata, labels = two_panels(quick) if case == PANELS else patched_neurons()
    held_out = np.random.default_rng(seed).random(mdata.n_obs) < HELD_OUT
    seen, new = mdata[~held_out].copy(), mdata[held_out].copy()
    CplMixVI.setup_mudata(seen)
    model = CplMixVI(seen, seed=seed)
    model.train(max_epochs=15 if quick else None, enable_progress_bar=False)
    types = model.get_cell_types()
    measures = clustering_scores(labels[seen.obs_names], types) | {"types": int(types.nunique())}
    measures["accuracy, new cells"] = clustering_scores(labels[new.obs_names], model.get_cell_types(new))["accuracy"]
    for name in new.mod:
        part = new[name].copy()
        alone = model.get_cell_types(part)
        measures[f"new cells, {name} alone"] = clustering_scores(labels[part.obs_names], alone)["accuracy"]
    return Answer({name: float(value) for name, value in measures.items()})


def simulated_modalities(seed: int, quick: bool) -> tuple[MuData, pd.Series]:
    """Cells of six types and their labels; two types look alike in RNA, and two others in electrophysiology.

    Parameters
    ----------
    seed
        Seed of the cells.
    quick
        Whether there are few.

    Returns
    -------
    The cells, a fifth of them without electrophysiology, and their types.
    """
    sizes = [60 if quick else 200] * 6
    mdata = datasets.simulate_modalities(sizes, seed=seed, same_in_rna=[[0, 1]], same_in_ephys=[[2, 3]], missing=0.2)
    return mdata, mdata.obs["type"].astype(object)


def two_panels(quick: bool) -> tuple[MuData, pd.Series]:
    """Cells of mass cytometry as if their surface markers had been measured with two panels.

    Parameters
    ----------
    quick
        Whether there are few.

    Returns
    -------
    The cells, a tenth of them without the second panel, and their manual gates.
    """
    cells = load_cells("bodenmiller2012")
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(cells.adata.n_obs)[: 1_500 if quick else N_CELLS])
    adata = marker_cells(cells)[chosen].copy()
    first = adata.var_names.isin(LYMPHOID)
    has_second = rng.random(adata.n_obs) >= LACKING
    panels = {"lymphoid": adata[:, first].copy(), "other": adata[has_second, ~first].copy()}
    for panel in panels.values():
        panel.obs = panel.obs[[]]
    mdata = MuData(panels)
    return mdata, cells.labels.iloc[chosen].loc[mdata.obs_names]


def patched_neurons() -> tuple[MuData, pd.Series]:
    """Neurons of mouse motor cortex with transcripts and electrophysiology, and their families.

    Returns
    -------
    The cells, with the genes that a model is given, and the families that their authors gave them by their transcripts.
    """
    mdata = datasets.patchseq_scala2020()
    rna = informative_genes(mdata["rna"])
    rna = rna[np.asarray(rna.X.sum(1)).ravel() > 0].copy()
    chosen = MuData({"rna": rna, "ephys": mdata["ephys"][mdata["ephys"].obs_names.isin(rna.obs_names)].copy()})
    return chosen, mdata.obs["family"].astype(object)[chosen.obs_names]


QUESTION = Question(
    title="Do several modalities give one type?",
    text="`CplMixVI` of two modalities with an arm each. `rna_and_ephys`: 1,200 simulated cells of six types, of which "
    "two look alike in their transcripts and two others in their electrophysiology, which a fifth of the cells lack. "
    f"`bodenmiller2012_panels`: {N_CELLS:,} cells of Bodenmiller 2012, whose surface markers are taken for two panels "
    f"({', '.join(LYMPHOID)}; and the others), the second of which a tenth of the cells lack. `scala2020_patchseq`: "
    "185 neurons of mouse motor cortex with transcripts, 182 of them with electrophysiology "
    "(`mixvi.datasets.patchseq_scala2020`). Scores against the true types, manual gates, and the families that the "
    "authors gave neurons by their transcripts. A quarter of the cells is held out, for the types that all modalities, "
    "or one alone, give cells that were not trained on.",
    cases=(SIMULATED, PATCHSEQ, PANELS),
    run=type_by_modalities,
)
