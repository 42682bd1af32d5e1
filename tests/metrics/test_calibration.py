import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mixvi.metrics import expected_calibration_error, reliability, types_agree


def test_error_by_hand():
    """Two bins: .6 and .7 are right once in two, .95 three times in three; (2·|.5−.65| + 3·|1−.95|) / 5."""
    confidence, correct = [0.6, 0.7, 0.95, 0.95, 0.95], [True, False, True, True, True]
    assert expected_calibration_error(confidence, correct, n_bins=5) == pytest.approx((2 * 0.15 + 3 * 0.05) / 5)
    bins = reliability(confidence, correct, n_bins=5)
    assert bins.index.to_list() == [0.6, 0.8]
    assert bins["n_cells"].to_list() == [2, 3]
    assert bins["confidence"].to_list() == pytest.approx([0.65, 0.95])


def test_certainty_falls_into_the_last_bin():
    assert reliability([1.0, 0.0], [True, False], n_bins=4).index.to_list() == [0.0, 0.75]


def test_draws_from_the_confidence_are_calibrated_and_sharpened_ones_are_not():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 20_000)
    correct = rng.random(20_000) < confidence
    assert expected_calibration_error(confidence, correct) < 0.015
    too_sure = confidence**3 / (confidence**3 + (1 - confidence) ** 3)
    assert expected_calibration_error(too_sure, correct) > 0.1


@given(hnp.arrays(float, st.integers(1, 40), elements=st.floats(0, 1)), st.integers(1, 20), st.randoms())
def test_bounds_and_order(confidence, n_bins, random):
    correct = np.array([random.random() < 0.5 for _ in confidence])
    error = expected_calibration_error(confidence, correct, n_bins)
    assert 0 <= error <= 1
    assert error >= abs(confidence.mean() - correct.mean()) - 1e-9  # bins can only add to the error of the whole
    order = np.argsort(confidence)
    assert expected_calibration_error(confidence[order], correct[order], n_bins) == pytest.approx(error)


def test_bad_input():
    with pytest.raises(ValueError, match="for every cell"):
        expected_calibration_error([0.5, 0.5], [True])
    with pytest.raises(ValueError, match="at least one cell"):
        expected_calibration_error([], [])
    with pytest.raises(ValueError, match="between 0 and 1"):
        expected_calibration_error([0.5, np.nan], [True, True])
    with pytest.raises(ValueError, match="n_bins=0"):
        reliability([0.5], [True], n_bins=0)
    with pytest.raises(ValueError, match="labels have shape .2,. and types .1,."):
        types_agree(["a", "b"], [0])


def test_finer_and_coarser_types_are_no_errors():
    labels = np.array(["a", "a", "b", "b"])
    assert types_agree(labels, [0, 1, 2, 2]).all()
    assert types_agree(labels, [0, 0, 0, 0]).all()
    labels, types = np.array(list("aaaabbbb")), np.array([0, 0, 0, 1, 1, 1, 1, 0])
    assert types_agree(labels, types).tolist() == [True] * 3 + [False] + [True] * 3 + [False]
