"""What is aimed at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """The least that a method should reach on a data set.

    Parameters
    ----------
    data, method
        Names.
    measure
        A measure of a row.
    least
        Mean over seeds to reach.
    """

    data: str
    method: str
    measure: str
    least: float


STABILITY = 0.85  # between seeds, on every data set

GOALS = (
    Goal("zeisel2015", "cplmixvi", "accuracy", 0.58),
    Goal("zeisel2015", "cplmixvi", "ARI", 0.55),
    Goal("zeisel2015", "cplmixvi", "NMI", 0.69),
    Goal("zeisel2015", "categories=given", "ARI", 0.35),
    Goal("zeisel2015", "categories=given", "NMI", 0.68),
    Goal("paul2015", "cplmixvi", "accuracy", 0.58),
    Goal("paul2015", "cplmixvi", "ARI", 0.47),
    Goal("paul2015", "cplmixvi", "NMI", 0.67),
    Goal("kang2018", "cplmixvi", "accuracy", 0.85),
    Goal("kang2018", "cplmixvi", "ARI", 0.80),
    Goal("kang2018", "cplmixvi", "NMI", 0.78),
    Goal("kang2018", "batch=none", "accuracy", 0.80),
    Goal("mnist", "categories=given", "accuracy", 0.985),
    Goal("mnist", "moesimvi_k", "accuracy", 0.98),
    Goal("mnist", "moesimvi_k", "NMI", 0.95),
    Goal("bodenmiller2012", "moesimvi_bound", "mean_f1", 0.55),
    Goal("bodenmiller2012", "moesimvi_bound", "flowcap_f", 0.90),
    Goal("bodenmiller2012", "moesimvi_bound", "NMI", 0.86),
    Goal("simulated115", "cplmixvi", "labels_found", 0.90),
    Goal("simulated115", "cplmixvi", "state_recovery", 0.80),
)
