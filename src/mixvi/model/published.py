"""The settings that the baselines were published with."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Published:
    """How a model was trained by its authors, or in the supplement of the cpl-mixVAE paper (L.4).

    Parameters
    ----------
    n_steps
        Training steps.
    batch_size
        Cells in a step.
    n_state
        Dimensions of the state.
    module
        Arguments of the module.
    plan
        Arguments of the training plan.
    """

    n_steps: int
    batch_size: int
    n_state: int
    module: dict = field(default_factory=dict)
    plan: dict = field(default_factory=dict)
