from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.calibration import expected_calibration_error, reliability, types_agree
from mixvi.metrics.clustering import clustering_scores
from mixvi.metrics.consensus import arm_consensus, consensus_matrix, least_agreed, most_confused
from mixvi.metrics.matching import match_clusters, matched_accuracy
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.separation import silhouette
from mixvi.metrics.stability import pairwise_ari
from mixvi.metrics.taxonomy import accuracy_along_hierarchy, confusion

__all__ = [
    "accuracy_along_hierarchy",
    "arm_consensus",
    "clustering_scores",
    "confusion",
    "consensus_matrix",
    "expected_calibration_error",
    "label_preservation",
    "least_agreed",
    "match_clusters",
    "matched_accuracy",
    "most_confused",
    "pairwise_ari",
    "reliability",
    "share_of_labels_found",
    "silhouette",
    "state_recovery",
    "types_agree",
]
