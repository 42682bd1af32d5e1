"""Which genes follow the state of blood cells, half of which were stimulated with interferon."""

import numpy as np
import pandas as pd
from anndata import AnnData

from mixvi import CplMixVI, datasets
from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import majority
from mixvi.bench.report import table
from mixvi.genes import informative_genes

N_CELLS = 6_000  # of 13,999, at random, the same for every seed
RESPONSE = ("ISG15", "IFI6", "IFIT1", "IFIT3", "MX1", "ISG20")
MARKERS = ("CD3D", "MS4A1", "CD14", "NKG7")
HOLDS_BOTH = 0.1  # least share of the rarer condition


def rank_interferon_genes(case: str, seed: int, quick: bool) -> Answer:
    """Ranks of interferon genes and of type markers in ``rank_state_genes``; the model does not know the condition.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Of the types that hold both conditions: their number, their share of the cells, the share of them in which the
    median interferon gene outranks every marker, and median ranks over these types. The details have a row a type.
    """
    adata = datasets.load(case)
    size = 1_500 if quick else N_CELLS
    adata = adata[np.sort(np.random.default_rng(0).permutation(adata.n_obs)[:size])]
    adata = informative_genes(_with_genes(adata))
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, seed=seed)
    model.train(max_epochs=15 if quick else None, enable_progress_bar=False)
    model.get_cell_types()
    ranks = model.rank_state_genes(n_permutations=20 if quick else 200)
    rows = ranks_by_type(ranks, adata.obs, datasets.DATASETS[case].labels_key)
    both = [row for row in rows if row["both"]]
    response = [np.median([row["ranks"][gene] for gene in RESPONSE if gene in row["ranks"]]) for row in both]
    markers = [[row["ranks"][gene] for gene in MARKERS if gene in row["ranks"]] for row in both]
    nan = float("nan")
    return Answer(
        {
            "types of both conditions": len(both),
            "their share of the cells": sum(row["cells"] for row in both) / adata.n_obs,
            "interferon before markers": float(np.mean([r < min(m) for r, m in zip(response, markers, strict=True)]))
            if both
            else nan,
            "median rank, interferon genes": float(np.median(response)) if both else nan,
            "median rank, markers": float(np.median(np.concatenate(markers))) if both else nan,
        },
        {"rows": rows, "genes": int(adata.n_vars)},
    )


def ranks_by_type(ranks: pd.DataFrame, obs: pd.DataFrame, labels_key: str) -> list[dict]:
    """One row a type: cells, most frequent label, share that was stimulated, ranks of the genes that are looked at.

    Parameters
    ----------
    ranks
        As :meth:`mixvi.CplMixVI.rank_state_genes` returns it.
    obs
        Columns ``cpl_type``, ``condition`` and the labels.
    labels_key
        Column with labels.

    Returns
    -------
    Rows, those of both conditions first, the largest types first.
    """
    label = majority(obs["cpl_type"], obs[labels_key])
    stimulated = (obs["condition"].astype(str).str.startswith("stim")).groupby(obs["cpl_type"].astype(str)).mean()
    rows = []
    for name, genes in ranks.groupby("type", observed=True, sort=False):
        place = pd.Series(np.arange(1, len(genes) + 1), genes["gene"])
        share = float(stimulated[str(name)])
        rows.append(
            {
                "type": str(name),
                "cells": int(genes["n_cells"].iloc[0]),
                "mostly": str(label[str(name)]),
                "stimulated": share,
                "both": HOLDS_BOTH <= share <= 1 - HOLDS_BOTH,
                "ranks": {gene: int(place[gene]) for gene in (*RESPONSE, *MARKERS) if gene in place},
                "reported": int((genes["fdr"] < 0.05).sum()),
            }
        )
    return sorted(rows, key=lambda row: (not row["both"], -row["cells"]))


def _with_genes(adata: AnnData) -> AnnData:
    """A copy whose names of cells and genes are unique."""
    adata = adata.copy()
    adata.var_names_make_unique()
    return adata


def _table(details: dict[int, dict]) -> str:
    """The types of the first seed."""
    seed, first = min(details.items())
    genes = (*RESPONSE, *MARKERS)
    lines = [
        [
            row["type"],
            str(row["cells"]),
            row["mostly"],
            f"{row['stimulated']:.0%}",
            *(str(row["ranks"].get(gene, "–")) for gene in genes),
            str(row["reported"]),
        ]
        for row in first["rows"]
    ]
    header = ["type", "cells", "mostly", "stimulated", *genes, "fdr < .05"]
    return (
        f"Rank of each gene among {first['genes']:,}, seed {seed}; types that hold both conditions first. In types of "
        f"one condition states are about something else.\n\n{table(header, lines)}"
    )


QUESTION = Question(
    title="Do interferon genes follow the state of stimulated cells?",
    text=f"{N_CELLS:,} random cells of Kang 2018, half of them stimulated with interferon β; the model is not told "
    "which. In types that hold both conditions (at least a tenth of the cells of either) interferon genes should lead "
    "`rank_state_genes`, and type markers should not: the share of these types in which the median interferon gene "
    f"({', '.join(RESPONSE)}) outranks every marker ({', '.join(MARKERS)}).",
    cases=("kang2018",),
    run=rank_interferon_genes,
    goals=(Goal("interferon before markers", 1.0),),
    show=_table,
)
