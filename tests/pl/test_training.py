import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from mixvi import pl


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_panels_of_a_trained_model(trained):
    axes = pl.training(trained.history)
    assert [ax.get_title() for ax in axes] == ["loss", "divergence", "agreement"]
    lines = {line.get_label(): line.get_ydata() for line in axes[2].get_lines()}
    np.testing.assert_allclose(lines["agreement"], trained.history["agreement_train"].iloc[:, 0].astype(float))


def test_the_beginning_does_not_stretch_the_axis():
    values = pd.DataFrame({"elbo_train": [1e6, 1e5, 1e4, 12.0, 11.0, 10.0, 10.0, 10.0]})
    (ax,) = pl.training({"elbo_train": values})
    assert ax.get_ylim()[1] < 13


def test_epochs_without_a_value_are_skipped():
    values = pd.DataFrame({"arms_agree": [np.nan, 0.5, np.nan, 0.9]})
    (ax,) = pl.training({"arms_agree": values})
    assert ax.get_lines()[0].get_xydata().tolist() == [[1, 0.5], [3, 0.9]]


def test_nothing_to_draw():
    for history in (None, {}, {"lr": pd.DataFrame({"lr": [1.0]})}):
        with pytest.raises(ValueError, match="pass model.history"):
            pl.training(history)
