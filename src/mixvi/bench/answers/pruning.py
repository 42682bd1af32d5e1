"""Whether pruning ends at the true number of types."""

from sklearn.metrics import adjusted_rand_score

from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import PLANTED, fitted

TIMES = {"2K": 2, "4K": 4}


def prune_from_many(case: str, seed: int, quick: bool) -> Answer:
    """How far the number of types is from the true one after ``train(prune=True)`` with too many categories.

    Parameters
    ----------
    case
        Cells, and how many times too many: ``"easy5 from 2K"``.
    seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    Types left; their number's distance from the true one, relative to it; adjusted Rand index with the true types. The
    details are the consensus curve.
    """
    cells, _, start = case.partition(" from ")
    planted = PLANTED[cells]
    adata = planted.simulate(seed, quick)
    model = fitted(adata, seed, quick, {"prune": True}, n_categories=TIMES[start] * planted.n_types)
    n_types = len(model.type_names)
    curve = model.pruning_
    return Answer(
        {
            "types": n_types,
            "true types": planted.n_types,
            "off by": abs(n_types - planted.n_types) / planted.n_types,
            "ARI": float(adjusted_rand_score(adata.obs["type"], model.adata.obs["cpl_type"])),
        },
        {} if curve is None else {"curve": {name: values.tolist() for name, values in curve.items()}},
    )


QUESTION = Question(
    title="Does pruning end at the true number of types?",
    text="`train(prune=True)` with two and four times as many categories as there are types: types are given up while "
    "training goes on, until the arms agree on all that are left.",
    cases=tuple(f"{cells} from {start}" for cells in PLANTED for start in TIMES),
    run=prune_from_many,
    goals=(Goal("off by", 0.1, at_least=False),),
)
