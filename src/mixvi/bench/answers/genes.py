"""Whether planted activity genes are found."""

import numpy as np
from sklearn.metrics import average_precision_score

from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import PLANTED, majority, trained


def find_activity_genes(case: str, seed: int, quick: bool) -> Answer:
    """Average precision of the genes that respond in a type among all genes, ranked by ``rank_state_genes``.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Mean over the types found that have 30 cells, and the worst of them; and the share of genes with a false discovery
    rate below 0.05 that do not respond.
    """
    model = trained(case, seed, quick)
    adata = model.adata
    table = model.rank_state_genes(n_permutations=20 if quick else 200)
    label = majority(adata.obs["cpl_type"], adata.obs["type"])
    precision, n_reported, n_wrong = [], 0, 0
    for name, genes in table.groupby("type", observed=True, sort=False):
        slopes = adata.varm["slopes"][adata.var_names.get_indexer(genes["gene"]), int(label[str(name)])]
        responds, reported = (slopes != 0).any(1), (genes["fdr"] < 0.05).to_numpy()
        precision.append(float(average_precision_score(responds, genes["score"])))
        n_reported, n_wrong = n_reported + reported.sum(), n_wrong + (reported & ~responds).sum()
    return Answer(
        {
            "average precision": float(np.mean(precision)),
            "worst type": min(precision),
            "wrong at fdr .05": float(n_wrong / n_reported) if n_reported else float("nan"),
            "types": len(precision),
        }
    )


QUESTION = Question(
    title="Are planted activity genes found?",
    text="`rank_state_genes` ranks all genes of each found type; those that the simulator made respond in that type "
    "should come first (average precision).",
    cases=tuple(PLANTED),
    run=find_activity_genes,
    goals=(Goal("average precision", 0.9),),
)
