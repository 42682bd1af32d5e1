from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.clustering import clustering_scores
from mixvi.metrics.matching import match_clusters, matched_accuracy
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.separation import silhouette
from mixvi.metrics.stability import pairwise_ari
from mixvi.metrics.taxonomy import accuracy_along_hierarchy, confusion

__all__ = [
    "accuracy_along_hierarchy",
    "clustering_scores",
    "confusion",
    "label_preservation",
    "match_clusters",
    "matched_accuracy",
    "pairwise_ari",
    "share_of_labels_found",
    "silhouette",
    "state_recovery",
]
