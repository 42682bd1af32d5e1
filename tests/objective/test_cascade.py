import pytest
import torch

from mixvi.objective import cascade_weights, opened_dimensions


@pytest.mark.parametrize(
    ("step", "n_open"),
    [(0, 1), (19_999, 1), (20_000, 2), (60_000, 4), (79_999, 4), (80_000, 4), (100_000, 5), (120_000, 6), (299_999, 6)],
)
def test_the_stages_of_the_paper(step, n_open):
    assert opened_dimensions(step, 20_000, 6) == n_open


def test_fewer_dimensions_are_all_open_sooner():
    assert [opened_dimensions(step, 1, 2) for step in range(6)] == [1, 2, 2, 2, 2, 2]


def test_weights_by_hand():
    torch.testing.assert_close(cascade_weights(2, 4), torch.tensor([0.1, 0.1, 10.0, 10.0]))
    torch.testing.assert_close(cascade_weights(3, 3, 0.5, 2.0), torch.full((3,), 0.5))
