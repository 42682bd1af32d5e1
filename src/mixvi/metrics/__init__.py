from mixvi.metrics.augmentation import label_preservation
from mixvi.metrics.clustering import clustering_scores, matched_accuracy

__all__ = ["clustering_scores", "label_preservation", "matched_accuracy"]
