from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.clustering import clustering_scores, matched_accuracy
from mixvi.metrics.disentanglement import disentanglement_score, gini_variance
from mixvi.metrics.generation import generation_accuracy
from mixvi.metrics.mixture import average_maximum_posterior, category_divergence, posterior_log_ratio
from mixvi.metrics.mmd import cluster_mmd, median_distance, mmd
from mixvi.metrics.populations import flowcap_f, weber_robinson_f1
from mixvi.metrics.reconstruction import reconstruction_error
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.stability import pairwise_ari

__all__ = [
    "average_maximum_posterior",
    "category_divergence",
    "cluster_mmd",
    "clustering_scores",
    "disentanglement_score",
    "flowcap_f",
    "generation_accuracy",
    "gini_variance",
    "label_preservation",
    "matched_accuracy",
    "median_distance",
    "mmd",
    "pairwise_ari",
    "posterior_log_ratio",
    "reconstruction_error",
    "share_of_labels_found",
    "state_recovery",
    "weber_robinson_f1",
]
