from mixvi.model.mixins.augmentation import AugmentationMixin
from mixvi.model.mixins.inference import InferenceMixin
from mixvi.model.mixins.modalities import ModalitiesMixin
from mixvi.model.mixins.modality_states import ModalityStatesMixin
from mixvi.model.mixins.prediction import PredictionMixin
from mixvi.model.mixins.setup import SetupMixin
from mixvi.model.mixins.states import StatesMixin
from mixvi.model.mixins.training import TrainingMixin
from mixvi.model.mixins.types import TypesMixin

__all__ = [
    "AugmentationMixin",
    "InferenceMixin",
    "ModalitiesMixin",
    "ModalityStatesMixin",
    "PredictionMixin",
    "SetupMixin",
    "StatesMixin",
    "TrainingMixin",
    "TypesMixin",
]
