"""Whether a type that is given with 90 % confidence is right nine times out of ten."""

from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.simulated import PLANTED, trained
from mixvi.metrics import expected_calibration_error, types_agree


def measure_calibration(case: str, seed: int, quick: bool) -> Answer:
    """Expected calibration error of the confidence against the true types.

    Parameters
    ----------
    case, seed, quick
        As in :class:`~mixvi.bench.answers.question.Question`.

    Returns
    -------
    The error, mean confidence, and the share of cells that are right: whose type fits their true type, be it finer or
    coarser (:func:`~mixvi.metrics.types_agree`).
    """
    model = trained(case, seed, quick)
    obs = model.adata.obs
    right = types_agree(obs["type"], obs["cpl_type"])
    return Answer(
        {
            "calibration error": expected_calibration_error(obs["cpl_confidence"], right),
            "mean confidence": float(obs["cpl_confidence"].mean()),
            "right": float(right.mean()),
            "types": len(model.type_names),
        }
    )


QUESTION = Question(
    title="Does confidence mean what it says?",
    text="Expected calibration error of `cpl_confidence` (15 bins) against the true types; the confidence is "
    "calibrated without them.",
    cases=tuple(PLANTED),
    run=measure_calibration,
    goals=(Goal("calibration error", 0.05, at_least=False),),
)
