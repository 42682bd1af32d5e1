"""A small convolutional network that learns the labels of images. For scoring only."""

import math
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.base import BaseEstimator, ClassifierMixin
from torch import nn

from mixvi.model.seeding import seeded
from mixvi.nn import ConvolutionalEncoder

BATCH, LR = 128, 2e-3
PASSES, IMAGES = 6, 60_000  # over so many images or more; more passes over fewer images


class ImageClassifier(ClassifierMixin, BaseEstimator):
    """A classifier in the manner of scikit-learn: 99.1 % on MNIST in a few minutes.

    Parameters
    ----------
    image_shape
        ``(h, w)`` or ``(h, w, channels)``.
    seed
        Of weights and batches.
    """

    def __init__(self, image_shape: tuple[int, ...], seed: int = 0):
        self.image_shape, self.seed = image_shape, seed

    def fit(self, x: np.ndarray, labels: np.ndarray) -> Self:
        """Learn the labels ``(images,)`` of images ``(images, pixels)``."""
        self.classes_, y = np.unique(labels, return_inverse=True)
        x, y = torch.as_tensor(np.asarray(x, np.float32)), torch.as_tensor(y)
        n_steps = math.ceil(PASSES * max(len(x), IMAGES) / BATCH)
        with seeded(self.seed):
            self.network_ = _Network(self.image_shape, len(self.classes_))
            optimiser = torch.optim.Adam(self.network_.parameters())
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LR, n_steps)
            for _ in range(n_steps):
                some = torch.randint(len(x), (BATCH,))
                optimiser.zero_grad()
                F.cross_entropy(self.network_(x[some]), y[some]).backward()
                optimiser.step()
                schedule.step()
        self.network_.eval()
        return self

    @torch.no_grad()
    def predict(self, x: np.ndarray) -> np.ndarray:
        """Labels of images ``(images, pixels)``, shape ``(images,)``."""
        parts = torch.as_tensor(np.asarray(x, np.float32)).split(1024)
        return self.classes_[torch.cat([self.network_(part).argmax(1) for part in parts]).numpy()]


class _Network(nn.Module):
    """Logits ``(images, labels)`` of images ``(images, pixels)``."""

    def __init__(self, image_shape: tuple[int, ...], n_labels: int):
        super().__init__()
        self.encoder = ConvolutionalEncoder(image_shape, 0)
        self.logits = nn.Linear(self.encoder.n_out, n_labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.logits(F.dropout(self.encoder(x, x.new_empty(len(x), 0)), 0.5, self.training))
