import numpy as np
import torch

from mixvi.bench import image_classifier
from mixvi.bench.image_classifier import ImageClassifier
from mixvi.datasets import load


def test_digits_that_were_not_shown_are_read(monkeypatch):
    monkeypatch.setattr(image_classifier, "IMAGES", 3_000)
    adata = load("digits")
    x, labels = np.asarray(adata.X), adata.obs["label"].astype(str).to_numpy()
    classifier = ImageClassifier((8, 8)).fit(x[:1400], labels[:1400])
    assert (classifier.predict(x[1400:]) == labels[1400:]).mean() > 0.85  # a tenth by chance
    again = ImageClassifier((8, 8)).fit(x[:1400], labels[:1400])
    np.testing.assert_array_equal(again.predict(x), classifier.predict(x))


def test_the_stream_of_random_numbers_goes_on_as_if_nothing_was_trained(monkeypatch):
    monkeypatch.setattr(image_classifier, "IMAGES", 100)
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    ImageClassifier((4, 4)).fit(np.eye(16), np.repeat(["a", "b"], 8))
    torch.testing.assert_close(torch.rand(2), expected)
