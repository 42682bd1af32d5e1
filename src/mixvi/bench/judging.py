"""Classifiers that are trained on real cells and their labels, to judge what models make. For scoring only."""

import numpy as np
import scanpy as sc
from anndata import AnnData
from scipy import sparse
from sklearn.ensemble import RandomForestClassifier

from mixvi.bench.data import Cells
from mixvi.bench.image_classifier import ImageClassifier
from mixvi.bench.limits import identical_cells
from mixvi.images import shape_of_images

HELD_OUT = 1 / 5  # of the cells
TEST_IMAGES = 1 / 7  # the last ones: of MNIST its own test images


class Judge:
    """Tells the label of real and of made cells: a convolutional network of images, a random forest of others.

    Parameters
    ----------
    cells
        Real cells; those without a label do not teach.
    values
        Their values as a model sees them, shape ``(cells, features)``: markers, pixels or counts.
    counts
        Whether they are counts, which are log-normalised first.
    """

    def __init__(self, cells: Cells, values: np.ndarray | sparse.spmatrix, counts: bool):
        self.counts = counts
        known = cells.labels.notna().to_numpy()
        n_cells = len(known)
        if shape := shape_of_images(cells.adata):
            test = np.arange(n_cells) >= n_cells - int(TEST_IMAGES * n_cells)
            classifier = ImageClassifier(shape)
        else:
            # a cell of two gates is two rows, which are held out together
            cell = identical_cells(values) if cells.is_cytometry else np.arange(n_cells)
            test = np.random.default_rng(0).random(n_cells)[cell] < HELD_OUT
            classifier = RandomForestClassifier(random_state=0)
        self.held_out = np.flatnonzero(test & known)
        x, labels = self._features(values), cells.labels.astype(str).to_numpy()
        self.classifier = classifier.fit(x[known & ~test], labels[known & ~test])
        self.judged = self.classifier.predict(x[self.held_out])
        self.accuracy = float((self.judged == labels[self.held_out]).mean())

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Labels of cells that were made, ``(cells,)``."""
        return self.classifier.predict(self._features(values))

    def _features(self, values: np.ndarray | sparse.spmatrix) -> np.ndarray:
        values = values.toarray() if sparse.issparse(values) else np.asarray(values)
        return log_normalised(values) if self.counts else values


def log_normalised(counts: np.ndarray) -> np.ndarray:
    """log(1 + counts per 10,000); cells without counts are all 0.

    Parameters
    ----------
    counts
        Shape ``(cells, genes)``; not changed.

    Returns
    -------
    The same shape.
    """
    adata = AnnData(counts.copy())
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    return adata.X
