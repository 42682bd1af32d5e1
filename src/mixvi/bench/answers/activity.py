"""Whether immediate early genes follow the state of pyramidal neurons while type markers stay."""

import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData

from mixvi import CplMixVI, datasets, pl
from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import majority
from mixvi.bench.report import table
from mixvi.genes import informative_genes

IMMEDIATE_EARLY = ("Fos", "Fosb", "Jun", "Junb", "Egr1", "Nr4a1", "Arc")
PANELS = {  # genes that tell what a cell is, and what has leaked into it
    "excitatory": ("Neurod6", "Slc17a7", "Neurod2"),
    "inhibitory": ("Gad1", "Gad2", "Slc6a1"),
    "oligodendrocytes": ("Plp1", "Mog", "Mal", "Cnp", "Mobp", "Ermn", "Mag", "Cldn11"),
    "astrocytes": ("Gja1", "Aqp4", "Slc1a3", "Aldoc", "Mfge8", "Gpr37l1", "Slc1a2", "Apoe"),
    "vascular": ("Cldn5", "Ly6c1", "Itm2a", "Slco1a4", "Sparc", "Epas1", "Pltp"),
    "microglia": ("C1qa", "Ctss"),
}
PREFIXES = {"ribosome": ("Rps", "Rpl"), "respiration": ("Cox", "Nduf", "Atp5", "Uqcr")}  # of names of genes
QUALITY = (*list(PANELS)[1:], *PREFIXES)  # what a neuron's state is not meant to be about
N_STATE, N_MARKERS, FEWEST = 10, 2, 30


def follow_activity(case: str, seed: int, quick: bool) -> Answer:
    """Decoded expression of immediate early genes and of markers, along the state direction that the former follow.

    A first model types all cells; those of types in which excitatory genes are the strongest panel are kept. A second
    model of these alone is told, as covariates, how much each cell has of the other panels, of ribosomes and of
    respiration. Labels choose nothing.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Of all genes and types of the second model with 30 cells: shares of immediate early genes that rise, each along the
    direction that the *others* of them follow, and whose curves are monotone; median change of them and of markers
    along the direction of all of them, in log units from low to high. The details are the curves, and a row a type.
    """
    adata = datasets.load(case)
    panels = panel_levels(adata)
    neurons = adata[of_excitatory_types(_model(adata, seed, quick).adata.obs["cpl_type"], panels)].copy()
    neurons.obs[list(QUALITY)] = ((panels - panels.mean()) / panels.std()).loc[neurons.obs_names, list(QUALITY)]
    model = _model(neurons, seed, quick, covariates=list(QUALITY), n_state=N_STATE)
    neurons = model.adata
    markers = markers_of_types(neurons)
    genes = [*markers, *IMMEDIATE_EARLY]
    model.traverse_state(toward=IMMEDIATE_EARLY, genes=genes, layers=False)
    curves = neurons.uns["cpl_traversal"]
    summary = curves["summary"].set_index(["type", "gene"])["effect"].unstack().loc[curves["types"]]
    left_out = pd.concat([_left_out(model, gene) for gene in IMMEDIATE_EARLY])
    label = majority(neurons.obs["cpl_type"], neurons.obs[datasets.DATASETS[case].labels_key])
    size = neurons.obs["cpl_type"].value_counts()
    rows = [
        {
            "type": name,
            "cells": int(size[name]),
            "mostly": str(label[name]),
            "effects": {gene: round(float(summary.loc[name, gene]), 3) for gene in genes},
            "left out": {
                gene: round(float(effect), 3)
                for gene, effect in left_out[left_out["type"] == name].set_index("gene")["effect"].items()
            },
        }
        for name in map(str, curves["types"])
    ]
    return Answer(
        {
            "left-out genes that rise": float((left_out["effect"] > 0).mean()),
            "monotone": float(left_out["monotone"].mean()),
            "change of immediate early genes": float(summary[list(IMMEDIATE_EARLY)].stack().median()),
            "change of markers": float(summary[markers].abs().stack().median()),
            "cells": neurons.n_obs,
            "types": len(rows),
        },
        {"rows": rows, "markers": markers, "curves": _packed(curves)},
    )


def panel_levels(adata: AnnData) -> pd.DataFrame:
    """How much each cell has of each panel: ``ln(1 + counts in 10,000)``.

    Parameters
    ----------
    adata
        Counts.

    Returns
    -------
    Cells × panels.
    """
    genes = {name: [gene for gene in panel if gene in adata.var_names] for name, panel in PANELS.items()}
    genes |= {name: [gene for gene in adata.var_names if gene.startswith(start)] for name, start in PREFIXES.items()}
    depth = np.asarray(adata.X.sum(1)).ravel().clip(1)
    levels = {name: np.asarray(adata[:, panel].X.sum(1)).ravel() / depth for name, panel in genes.items()}
    return pd.DataFrame({name: np.log1p(1e4 * level) for name, level in levels.items()}, index=adata.obs_names)


def of_excitatory_types(types: pd.Series, panels: pd.DataFrame) -> np.ndarray:
    """Which cells are of types whose strongest panel is the excitatory one.

    Parameters
    ----------
    types
        Types of the cells.
    panels
        As from :func:`panel_levels`. Panels are compared on a scale from the type that has least to the one that has
        most of each.

    Returns
    -------
    Boolean, ``(cells,)``.
    """
    means = panels[list(PANELS)].groupby(types.astype(str).to_numpy()).mean()
    scaled = (means - means.min()) / (means.max() - means.min()).clip(1e-9)
    return types.astype(str).map(scaled.idxmax(axis=1) == "excitatory").to_numpy(bool)


def markers_of_types(adata: AnnData) -> list[str]:
    """The genes that tell each of the larger types best from the others, two each, by scanpy's t-test.

    Parameters
    ----------
    adata
        Counts, and ``.obs["cpl_type"]``.

    Returns
    -------
    Names, none twice and none of the immediate early genes.
    """
    sizes = adata.obs["cpl_type"].value_counts()
    cells = AnnData(adata.X.copy(), obs=adata.obs[["cpl_type"]].copy(), var=adata.var[[]].copy())
    cells = cells[cells.obs["cpl_type"].isin(sizes.index[sizes >= FEWEST])].copy()
    cells.obs["cpl_type"] = cells.obs["cpl_type"].cat.remove_unused_categories()
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    sc.tl.rank_genes_groups(cells, "cpl_type", n_genes=N_MARKERS)
    names = dict.fromkeys(name for row in cells.uns["rank_genes_groups"]["names"] for name in row)
    return [name for name in names if name not in IMMEDIATE_EARLY]


def _model(adata: AnnData, seed: int, quick: bool, covariates: list[str] | None = None, **kwargs) -> CplMixVI:
    """A trained model of a copy of the cells, and their types."""
    adata = informative_genes(adata)
    CplMixVI.setup_anndata(adata, continuous_covariate_keys=covariates)
    model = CplMixVI(adata, seed=seed, **kwargs)
    model.train(max_epochs=15 if quick else None, enable_progress_bar=False)
    model.get_cell_types()
    return model


def _left_out(model: CplMixVI, gene: str) -> pd.DataFrame:
    """What becomes of a gene along the direction that the other immediate early genes follow."""
    others = [other for other in IMMEDIATE_EARLY if other != gene]
    model.traverse_state(toward=others, genes=[gene], layers=False)
    return model.adata.uns["cpl_traversal"]["summary"].astype({"type": str, "gene": str})


def _packed(curves: dict) -> dict:
    """A traversal as JSON can hold it."""
    return {
        "expression": np.round(curves["expression"].astype(float), 4).tolist(),
        "state": np.round(curves["state"], 4).tolist(),
        **{name: curves[name].tolist() for name in ("quantiles", "types", "dims", "genes")},
        "params": curves["params"],
    }


def _unpacked(curves: dict) -> AnnData:
    """Cells without values that have such a traversal."""
    arrays = {name: np.asarray(value) for name, value in curves.items() if name != "params"}
    return AnnData(uns={"cpl_traversal": arrays | {"params": curves["params"]}})


def _table(details: dict[int, dict]) -> str:
    """Changes in the types of the first seed."""
    seed, first = min(details.items())
    lines = [
        [row["type"], str(row["cells"]), row["mostly"], *(f"{row['left out'][gene]:+.2f}" for gene in IMMEDIATE_EARLY)]
        for row in first["rows"]
    ]
    return (
        f"Seed {seed}: change of each gene from the 5 % to the 95 % quantile of the direction that the other six "
        f"follow, in log units.\n\n{table(['type', 'cells', 'mostly', *IMMEDIATE_EARLY], lines)}"
    )


def _draw(details: dict):
    """The three largest types, markers beside immediate early genes."""
    cells = _unpacked(details["curves"])
    sets = {"type markers": details["markers"], "immediate early": IMMEDIATE_EARLY}
    types = [row["type"] for row in sorted(details["rows"], key=lambda row: -row["cells"])[:3]]
    return pl.traversal(cells, types, sets, dim="toward")[0].figure


QUESTION = Question(
    title="Do immediate early genes follow the state of neurons?",
    text="Zeisel 2015. A first model types all cells; cells of types in which excitatory genes are strongest are "
    f"trained on again, with {N_STATE} state dimensions and the amounts of transcripts of other cells, of ribosomes "
    "and of respiration as covariates. `traverse_state(toward=...)` then moves cells along the direction of the state "
    f"that {', '.join(IMMEDIATE_EARLY)} follow. That a gene rises along a direction found by it is no finding; "
    "therefore each gene is looked at along the direction that the other six follow. Markers are the two genes that "
    "tell each found type best from the others.",
    cases=("zeisel2015",),
    run=follow_activity,
    goals=(
        Goal("left-out genes that rise", 0.9),
        Goal("monotone", 0.9),
        Goal("change of markers", 0.1, at_least=False),
    ),
    show=_table,
    draw=_draw,
)
