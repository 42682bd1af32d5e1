from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.clustering import clustering_scores, matched_accuracy
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.stability import pairwise_ari

__all__ = [
    "clustering_scores",
    "label_preservation",
    "matched_accuracy",
    "pairwise_ari",
    "share_of_labels_found",
    "state_recovery",
]
