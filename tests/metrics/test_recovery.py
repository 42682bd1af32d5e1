import math

import numpy as np
import pytest

from mixvi.metrics import share_of_labels_found, state_recovery


def test_share_of_labels_found():
    labels = ["a"] * 4 + ["b"] * 3 + ["c"] * 2
    assert share_of_labels_found(labels, [0] * 9) == pytest.approx(1 / 3)
    assert share_of_labels_found(labels, [0, 1, 0, 1, 2, 2, 2, 2, 2]) == pytest.approx(2 / 3)
    assert share_of_labels_found(labels, labels) == 1


def test_state_is_recovered_up_to_sign_order_and_type():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    planted = rng.standard_normal((400, 2))
    found = planted[:, ::-1] * np.where(labels == 0, 1, -2)[:, None]  # another sign and scale in each type
    assert state_recovery(labels, labels, planted, found) == pytest.approx(1)
    assert state_recovery(labels, labels, planted, rng.standard_normal((400, 2))) < 0.2


def test_state_of_a_difference_between_types_is_not_recovery():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 500)
    planted = rng.standard_normal((1000, 1)) + 5 * labels[:, None]
    found = rng.standard_normal((1000, 1)) + 5 * labels[:, None]
    assert state_recovery(labels, labels, planted, found) < 0.1


def test_groups_count_by_their_cells_and_small_ones_not_at_all():
    rng = np.random.default_rng(0)
    labels, planted = np.repeat([0, 1, 2], [300, 100, 29]), rng.standard_normal((429, 1))
    found = np.where(labels[:, None] == 1, 1.0, planted)  # constant in the second type
    assert state_recovery(labels, labels, planted, found) == pytest.approx(0.75)
    assert math.isnan(state_recovery(labels[400:], labels[400:], planted[400:], found[400:]))


def test_planted_dimensions_that_find_no_partner_count_as_nothing():
    planted = np.random.default_rng(0).standard_normal((100, 2))
    planted[:, 1] -= planted[:, 0] * (planted[:, 0] @ planted[:, 1]) / (planted[:, 0] @ planted[:, 0])
    assert state_recovery(np.zeros(100), np.zeros(100), planted, planted[:, :1]) == pytest.approx(0.5)
