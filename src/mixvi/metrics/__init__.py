from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.calibration import expected_calibration_error, reliability, types_agree
from mixvi.metrics.clustering import clustering_scores, matched_accuracy
from mixvi.metrics.consensus import arm_consensus, consensus_matrix, least_agreed, most_confused
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.stability import pairwise_ari

__all__ = [
    "arm_consensus",
    "clustering_scores",
    "consensus_matrix",
    "expected_calibration_error",
    "label_preservation",
    "least_agreed",
    "matched_accuracy",
    "most_confused",
    "pairwise_ari",
    "reliability",
    "share_of_labels_found",
    "state_recovery",
    "types_agree",
]
