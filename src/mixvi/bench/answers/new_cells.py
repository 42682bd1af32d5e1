"""Whether cells that the model never saw get the types that they would have had in training."""

import numpy as np
from sklearn.metrics import roc_auc_score

from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import PLANTED, fitted
from mixvi.metrics import matched_accuracy

HELD_OUT = 0.25  # share of the cells


def type_new_cells(case: str, seed: int, quick: bool) -> Answer:
    """Types of held-out cells against those of a model trained on all cells, and outliers of a type left out.

    One type, another one for each seed, is left out of both trainings; a quarter of the other cells is held out of the
    first.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Agreement of the held-out cells' types with the full training's under the best one-to-one matching; area under the
    curve of ``cpl_outlier_score`` for the type left out among the held-out cells, and the shares of both that
    ``cpl_outlier`` flags.
    """
    adata = PLANTED[case].simulate(seed, quick)
    unknown = (adata.obs["type"] == str(seed % PLANTED[case].n_types)).to_numpy()
    held_out = (np.random.default_rng(seed).random(adata.n_obs) < HELD_OUT) & ~unknown
    expected = fitted(adata[~unknown], seed, quick).adata.obs["cpl_type"]
    model = fitted(adata[~unknown & ~held_out], seed, quick)
    new, strange = adata[held_out].copy(), adata[unknown].copy()
    given = model.get_cell_types(new)
    model.get_cell_types(strange)
    scores = np.concatenate([new.obs["cpl_outlier_score"], strange.obs["cpl_outlier_score"]])
    is_strange = np.repeat([False, True], [new.n_obs, strange.n_obs])
    return Answer(
        {
            "agreement with a full training": matched_accuracy(expected.loc[new.obs_names], given),
            "outliers' AUROC": float(roc_auc_score(is_strange, scores)),
            "outliers flagged": float(strange.obs["cpl_outlier"].mean()),
            "false alarms": float(new.obs["cpl_outlier"].mean()),
            "types": len(model.type_names),
            "types of the full training": int(expected.nunique()),
        }
    )


QUESTION = Question(
    title="Do new cells get the right types?",
    text="A quarter of the cells is held out; their types are compared with those of a training on all cells, under "
    "the best matching. One type is left out of both trainings: how well `cpl_outlier_score` tells its cells from the "
    "held-out ones.",
    cases=tuple(PLANTED),
    run=type_new_cells,
    goals=(Goal("agreement with a full training", 0.98),),
)
