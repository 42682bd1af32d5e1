import numpy as np

from mixvi.train import fill_missing


def test_a_lacking_block_is_a_neighbours_whole():
    """Two groups in the first block, 0 and 10, whose second block is 1 and 2."""
    rng = np.random.default_rng(0)
    group = rng.integers(2, size=200)
    first = (10 * group + rng.normal(size=200))[:, None]
    second = (group + 1.0)[:, None]
    present = np.ones((2, 200), bool)
    present[1, :50] = False
    broken = np.where(present[1][:, None], second, 99.0)  # what stands where it lacks is not looked at
    filled = fill_missing([first, broken], present, seed=0)
    np.testing.assert_array_equal(filled[:, 0], first[:, 0])
    np.testing.assert_array_equal(filled[:, 1], second[:, 0])


def test_what_is_filled_in_varies_like_what_is_there():
    """Where the first block says nothing, an average of donors would lie between the two groups of the second."""
    rng = np.random.default_rng(0)
    second = rng.choice([-1.0, 1.0], 300)[:, None]
    present = np.ones((2, 300), bool)
    present[1, :100] = False
    filled = fill_missing([rng.normal(size=(300, 2)), second], present, seed=0)[:100, 2]
    assert set(filled) == {-1.0, 1.0}
    assert 30 < (filled > 0).sum() < 70


def test_without_donors_zero_is_filled_in():
    present = np.array([[True, False], [False, True]])
    filled = fill_missing([np.ones((2, 1)), np.ones((2, 2))], present, seed=0)
    np.testing.assert_array_equal(filled, [[1, 0, 0], [0, 1, 1]])


def test_three_blocks():
    """A cell without the second and the third takes each from cells that are near in the first."""
    blocks = [np.array([[0.0], [5.0], [0.1], [5.1]]), np.array([[0.0], [0.0], [2.0], [7.0]]), np.zeros((4, 1))]
    blocks[2][2:] = [[3.0], [8.0]]
    present = np.array([[1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]], bool)
    donors = {tuple(row) for row in np.hstack(blocks[1:])[2:]}
    for row in fill_missing(blocks, present, seed=0)[:2, 1:]:
        assert row[0] in {d[0] for d in donors} and row[1] in {d[1] for d in donors}
