"""Work on a model that is done, or was never begun."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from scvi.model.base import BaseModelClass

CHANGED_BY_TRAINING = (
    "module",
    "is_trained_",
    "history_",
    "train_indices_",
    "validation_indices_",
    "test_indices_",
    "init_params_",
    "type_order_",
    "temperature_",
    "outlier_rule_",
    "state_axes_",
    "pruning_",
    "augmenter_history_",
    "n_trainings_",
)


@contextmanager
def restored_on_failure(model: BaseModelClass) -> Iterator[None]:
    """Put a model back to what it was when the block ends with an error or an interrupt.

    Parameters
    ----------
    model
        The model; what it has of the attributes in ``CHANGED_BY_TRAINING`` is restored.
    """
    before = copy.deepcopy({name: getattr(model, name) for name in CHANGED_BY_TRAINING if hasattr(model, name)})
    try:
        yield
    except BaseException:  # an interrupt, too, which Lightning turns into SystemExit
        for name, value in before.items():
            setattr(model, name, value)
        model.module.eval()
        raise
