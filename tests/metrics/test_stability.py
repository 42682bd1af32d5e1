import math

import numpy as np
import pytest

from mixvi.metrics import pairwise_ari


def test_hand_worked():
    # a against b: pairs together in both 1, in a 2, in b 3 (2 + 1 of sizes 3 and 1: 3), of 6 pairs:
    # (1 - 2*3/6) / ((2 + 3)/2 - 2*3/6) = 0; a against c = 1, b against c = 0
    a, b, c = [0, 0, 1, 1], [0, 0, 0, 1], [5, 5, 2, 2]
    assert pairwise_ari([a, b, c]) == pytest.approx(1 / 3)


def test_nothing_in_common_and_a_single_run():
    rng = np.random.default_rng(0)
    assert abs(pairwise_ari(rng.integers(5, size=(3, 2000)))) < 0.02
    assert math.isnan(pairwise_ari([[0, 1]]))
