import numpy as np
import pytest

from mixvi.metrics import generation_accuracy

REQUESTED = np.array(["a"] * 4 + ["b"] * 2)
JUDGED = np.array(["a", "a", "b", "b", "b", "a"])
POSTERIOR = np.array([0.95, 0.6, 0.95, 0.2, 0.7, 0.65])


def test_by_hand():
    table = generation_accuracy(REQUESTED, JUDGED, POSTERIOR, [0, 0.65, 0.9])
    # at 0: a 2/4, b 1/2; at 0.65 (not below it): a keeps 2 of 4 (1 right), b keeps both; at 0.9: b keeps none
    np.testing.assert_allclose(table["accuracy"], [0.5, 0.5, np.nan])
    np.testing.assert_allclose(table["kept"], [1, (0.5 + 1) / 2, 0.25])
    np.testing.assert_allclose(table["draws"], [1, (2 + 1) / 2, np.inf])
    assert table.index.name == "threshold"


def test_categories_count_the_same_however_often_they_were_drawn():
    requested = np.array(["a"] * 90 + ["b"] * 10)
    judged = np.full(100, "a")
    assert generation_accuracy(requested, judged, np.ones(100), [0])["accuracy"].item() == pytest.approx(0.5)


def test_rejection_costs_more_the_higher_the_threshold():
    posterior = np.random.default_rng(0).random(6)
    table = generation_accuracy(REQUESTED, JUDGED, posterior)
    assert len(table) == 11
    assert (np.diff(table["kept"]) <= 0).all()
    finite = table["draws"][np.isfinite(table["draws"])]
    assert (np.diff(finite) >= 0).all()
    assert table["draws"].iloc[0] == 1


@pytest.mark.parametrize(
    ("judged", "posterior", "message"),
    [(JUDGED[:3], POSTERIOR, "6, 3 and 6"), (JUDGED, POSTERIOR + 1, r"\[0, 1\]"), (JUDGED, POSTERIOR * np.nan, "0, 1")],
)
def test_what_does_not_fit_is_refused(judged, posterior, message):
    with pytest.raises(ValueError, match=message):
        generation_accuracy(REQUESTED, judged, posterior)
