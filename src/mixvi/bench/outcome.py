"""What a method returns, before it is scored."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Found:
    """Types that a method found.

    Parameters
    ----------
    types
        Whole number of every cell's type, shape ``(cells,)``.
    seconds
        Seconds that a user waits for them.
    """

    types: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """All that a run of a method leaves.

    Parameters
    ----------
    found
        Types, by a name of the partition.
    train_seconds
        Seconds of training a model or making a representation.
    settings
        Arguments that the method ran with.
    candidates
        Names of the partitions among which one is picked with the labels.
    states
        Found states ``(cells, dimensions)``, if any.
    details
        Other measurements.
    """

    found: dict[str, Found]
    train_seconds: float
    settings: dict
    candidates: tuple[str, ...] = ()
    states: np.ndarray | None = None
    details: dict = field(default_factory=dict)
