from mixvi.model.mixins.augmentation import AugmentationMixin
from mixvi.model.mixins.generation import GenerationMixin, ImputationMixin
from mixvi.model.mixins.inference import InferenceMixin
from mixvi.model.mixins.sampling import SamplingMixin
from mixvi.model.mixins.setup import SetupMixin
from mixvi.model.mixins.similarity import SimilarityMixin
from mixvi.model.mixins.state_generation import StateGenerationMixin
from mixvi.model.mixins.state_information import StateInformationMixin
from mixvi.model.mixins.states import StatesMixin
from mixvi.model.mixins.training import TrainingMixin
from mixvi.model.mixins.types import TypesMixin

__all__ = [
    "AugmentationMixin",
    "GenerationMixin",
    "ImputationMixin",
    "InferenceMixin",
    "SamplingMixin",
    "SetupMixin",
    "SimilarityMixin",
    "StateGenerationMixin",
    "StateInformationMixin",
    "StatesMixin",
    "TrainingMixin",
    "TypesMixin",
]
