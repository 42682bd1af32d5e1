from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.calibration import expected_calibration_error, reliability, types_agree
from mixvi.metrics.clustering import clustering_scores
from mixvi.metrics.consensus import arm_consensus, consensus_matrix, least_agreed, most_confused
from mixvi.metrics.disentanglement import disentanglement_score, gini_variance
from mixvi.metrics.generation import generation_accuracy
from mixvi.metrics.matching import match_clusters, matched_accuracy
from mixvi.metrics.mixture import average_maximum_posterior, category_divergence, posterior_log_ratio
from mixvi.metrics.mmd import cluster_mmd, median_distance, mmd
from mixvi.metrics.populations import flowcap_f, weber_robinson_f1
from mixvi.metrics.reconstruction import reconstruction_error
from mixvi.metrics.recovery import share_of_labels_found, state_recovery
from mixvi.metrics.separation import silhouette
from mixvi.metrics.shape import explained_share, principal_angle, upright_width
from mixvi.metrics.stability import pairwise_ari
from mixvi.metrics.taxonomy import accuracy_along_hierarchy, confusion

__all__ = [
    "accuracy_along_hierarchy",
    "arm_consensus",
    "average_maximum_posterior",
    "category_divergence",
    "cluster_mmd",
    "clustering_scores",
    "confusion",
    "consensus_matrix",
    "disentanglement_score",
    "expected_calibration_error",
    "explained_share",
    "flowcap_f",
    "generation_accuracy",
    "gini_variance",
    "label_preservation",
    "least_agreed",
    "match_clusters",
    "matched_accuracy",
    "median_distance",
    "mmd",
    "most_confused",
    "pairwise_ari",
    "posterior_log_ratio",
    "principal_angle",
    "reconstruction_error",
    "reliability",
    "share_of_labels_found",
    "silhouette",
    "state_recovery",
    "types_agree",
    "upright_width",
    "weber_robinson_f1",
]
