"""What a question to a trained model is made of, and what an answer to it leaves."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """What a measure should reach, mean over seeds.

    Parameters
    ----------
    measure
        Name of the measure.
    bound
        What to reach.
    at_least
        Whether more is better; if not, the measure should be at most the bound.
    """

    measure: str
    bound: float
    at_least: bool = True

    @property
    def text(self) -> str:
        """The goal in a few characters."""
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def verdict(self, value: float) -> str:
        """Whether a mean reaches the goal; NaN is nothing measured."""
        if math.isnan(value):
            return "not measured"
        return "yes" if (value >= self.bound if self.at_least else value <= self.bound) else "no"


@dataclass(frozen=True)
class Answer:
    """What one run measured.

    Parameters
    ----------
    measures
        Numbers by name; NaN where a run could not measure one.
    details
        Tables and curves for the page: what JSON can hold.
    """

    measures: dict[str, float]
    details: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Something that a user asks a trained model, and how the answer is judged.

    Parameters
    ----------
    title, text
        Heading and introduction of its part of the page.
    cases
        Names of the cells it is asked about.
    run
        Answers it: case, seed, and whether to be quick rather than right.
    goals
        What should be reached, in every case that measures it.
    show
        More of the page, Markdown, from the details of the runs of a case by seed; None for nothing.
    draw
        Figure of the page, from the details of the first run of a case; None for none.
    """

    title: str
    text: str
    cases: tuple[str, ...]
    run: Callable[[str, int, bool], Answer]
    goals: tuple[Goal, ...] = ()
    show: Callable[[dict[int, dict]], str] | None = None
    draw: Callable[[dict], object] | None = None
