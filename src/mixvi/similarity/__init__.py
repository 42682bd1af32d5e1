from mixvi.similarity.affine import AffineNeighbours, PrincipalDirections
from mixvi.similarity.batches import NeighbourBatches
from mixvi.similarity.building import KINDS, build_similarity, get_similarity
from mixvi.similarity.graphs import affine_graph, knn_graph, threshold_graph, umap_graph
from mixvi.similarity.pose import pose_free
from mixvi.similarity.similarity import BatchSimilarity, Similarity

__all__ = [
    "KINDS",
    "AffineNeighbours",
    "BatchSimilarity",
    "NeighbourBatches",
    "PrincipalDirections",
    "Similarity",
    "affine_graph",
    "build_similarity",
    "get_similarity",
    "knn_graph",
    "pose_free",
    "threshold_graph",
    "umap_graph",
]
