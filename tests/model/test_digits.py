"""The baselines learn digits well above chance (a matched accuracy of .15), each in a short training."""

import numpy as np
import pytest

from mixvi import CascadeVI, InfoGANVI, JointVI, VaDEVI
from mixvi.datasets import load
from mixvi.metrics import clustering_scores

SMALL_IMAGES = {"capacity_weight": 3.0, "lr": 2e-3}  # 64 pixels hold a tenth of the information of 784


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.mark.parametrize(
    ("cls", "n_steps", "arguments", "training", "least"),
    [
        (JointVI, 1000, {}, {"plan_kwargs": SMALL_IMAGES}, 0.4),
        (CascadeVI, 500, {"n_state": 2}, {"plan_kwargs": {"lr": 2e-3, "state_weights": (2.0, 10.0)}}, 0.5),
        (InfoGANVI, 250, {}, {"batch_size": 64}, 0.5),
        (VaDEVI, 150, {"n_hidden": (128, 128)}, {"pretraining_epochs": 30}, 0.6),
    ],
)
def test_digits_are_told_apart(cls, n_steps, arguments, training, least, digits):
    adata = digits.copy()
    cls.setup_anndata(adata)
    model = cls(adata, n_categories=10, **arguments)
    model.train(max_steps=n_steps, enable_progress_bar=False, **training)
    types = model.get_cell_types()
    assert clustering_scores(adata.obs["label"], types)["accuracy"] > least
    assert types.nunique() >= 5
    assert np.isfinite(model.get_states()).all()
