from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.clustering import clustering_scores, matched_accuracy
from mixvi.metrics.generation import generation_accuracy
from mixvi.metrics.mmd import cluster_mmd, median_distance, mmd
from mixvi.metrics.populations import flowcap_f, weber_robinson_f1
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.stability import pairwise_ari

__all__ = [
    "cluster_mmd",
    "clustering_scores",
    "flowcap_f",
    "generation_accuracy",
    "label_preservation",
    "matched_accuracy",
    "median_distance",
    "mmd",
    "pairwise_ari",
    "share_of_labels_found",
    "state_recovery",
    "weber_robinson_f1",
]
