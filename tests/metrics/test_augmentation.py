import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from mixvi.metrics import label_preservation

RNG = np.random.default_rng(0)
LABELS = pd.Series(["a", "b"] * 50)
X = RNG.normal(size=(100, 5)) + 8 * (LABELS == "b").to_numpy()[:, None]


def test_faithful_copies_keep_their_label_and_swapped_ones_do_not():
    assert label_preservation(X, X, LABELS) == {"original": 1.0, "copies": 1.0, "preserved": 1.0}
    assert label_preservation(X, X[::-1], LABELS)["copies"] == 0.0  # the label alternates
    half = X.copy()
    half[:50] = X[:50][::-1]
    assert label_preservation(X, half, LABELS)["preserved"] == 0.5


def test_a_classifier_never_sees_the_original_of_a_copy():
    noise = RNG.normal(size=(200, 5))  # nothing to learn, but one nearest neighbour knows what it has seen
    labels = pd.Series(RNG.permutation(["a", "b"] * 100))
    scores = label_preservation(noise, noise, labels, KNeighborsClassifier(1))
    assert scores["copies"] < 0.65


def test_only_cells_that_are_held_out_are_scored():
    test = np.arange(100) >= 60
    copies = np.where(test[:, None], X, X[::-1])  # all others are of the other label
    assert label_preservation(X, copies, LABELS, test=test)["copies"] == 1.0
    assert label_preservation(X, copies, LABELS, test=~test)["copies"] == 0.0


def test_missing_and_rare_labels_are_left_out():
    labels = LABELS.where(np.arange(100) >= 20)
    labels[30] = "alone"
    assert label_preservation(X, X, labels)["original"] == 1.0


def test_what_cannot_be_scored():
    with pytest.raises(ValueError, match="shapes differ"):
        label_preservation(X, X[:-1], LABELS)
    with pytest.raises(ValueError, match="nothing to classify"):
        label_preservation(X, X, pd.Series(["a"] * 100))
