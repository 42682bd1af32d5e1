from mixvi.metrics.clustering import clustering_scores, matched_accuracy

__all__ = ["clustering_scores", "matched_accuracy"]
