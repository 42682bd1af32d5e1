from mixvi.model.mixins.augmentation import AugmentationMixin
from mixvi.model.mixins.consensus import ConsensusMixin
from mixvi.model.mixins.decoding import DecodingMixin
from mixvi.model.mixins.differential import DifferentialMixin
from mixvi.model.mixins.generation import GenerationMixin, ImputationMixin
from mixvi.model.mixins.inference import InferenceMixin
from mixvi.model.mixins.modalities import ModalitiesMixin
from mixvi.model.mixins.modality_states import ModalityStatesMixin
from mixvi.model.mixins.modality_training import ModalityTrainingMixin
from mixvi.model.mixins.outliers import OutliersMixin
from mixvi.model.mixins.prediction import PredictionMixin
from mixvi.model.mixins.pruning import PruningMixin
from mixvi.model.mixins.query import QueryMixin
from mixvi.model.mixins.refusing import RefusingMixin
from mixvi.model.mixins.sampling import SamplingMixin
from mixvi.model.mixins.saving import SavingMixin
from mixvi.model.mixins.setup import SetupMixin
from mixvi.model.mixins.similar_modality import SimilarModalityMixin, modelled_cells
from mixvi.model.mixins.similarity import SimilarityMixin
from mixvi.model.mixins.state_generation import StateGenerationMixin
from mixvi.model.mixins.state_genes import StateGenesMixin
from mixvi.model.mixins.state_information import StateInformationMixin
from mixvi.model.mixins.states import StatesMixin
from mixvi.model.mixins.training import TrainingMixin
from mixvi.model.mixins.traversal import TraversalMixin
from mixvi.model.mixins.types import TypesMixin

__all__ = [
    "AugmentationMixin",
    "ConsensusMixin",
    "DecodingMixin",
    "DifferentialMixin",
    "GenerationMixin",
    "ImputationMixin",
    "InferenceMixin",
    "ModalitiesMixin",
    "ModalityStatesMixin",
    "ModalityTrainingMixin",
    "OutliersMixin",
    "PredictionMixin",
    "PruningMixin",
    "QueryMixin",
    "RefusingMixin",
    "SamplingMixin",
    "SavingMixin",
    "SetupMixin",
    "SimilarModalityMixin",
    "SimilarityMixin",
    "StateGenerationMixin",
    "StateGenesMixin",
    "StateInformationMixin",
    "StatesMixin",
    "TrainingMixin",
    "TraversalMixin",
    "TypesMixin",
    "modelled_cells",
]
