from mixvi.train.plan import CoupledTrainingPlan
from mixvi.train.start import Resolution, StartingTypes, kmeans, leiden, reproducible_partition

__all__ = ["CoupledTrainingPlan", "Resolution", "StartingTypes", "kmeans", "leiden", "reproducible_partition"]
