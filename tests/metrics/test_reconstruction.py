import math

import numpy as np
import pytest

from mixvi.metrics import reconstruction_error


def test_errors_by_hand():
    x, mean = [[1.0, 0.0], [0.5, 0.0]], [[0.5, 0.2], [0.25, 0.0]]
    grey = -(0.5 * math.log(0.25) + 0.5 * math.log(0.75))
    assert reconstruction_error(x, mean) == pytest.approx((math.log(2) - math.log(0.8) + grey) / 4, rel=1e-5)
    assert reconstruction_error(x, mean, kind="squared") == pytest.approx((0.25 + 0.04 + 0.0625) / 4)


def test_a_sure_mistake_costs_much_but_not_infinitely():
    assert 10 < reconstruction_error([[1.0]], [[0.0]]) < 20


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="shape"):
        reconstruction_error(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        reconstruction_error([[2.0]], [[0.5]])
    with pytest.raises(ValueError, match="kind='mse'"):
        reconstruction_error([[1.0]], [[0.5]], kind="mse")
