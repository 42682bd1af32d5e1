import numpy as np
import torch

from mixvi.nn import ExpressionProjection
from mixvi.train import ModalityStates, StartingStates, fill_missing


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


def test_states_of_modalities_are_each_others_own_and_zero_where_a_cell_lacks_one():
    """The last type has no cell in the second modality, which may not matter."""
    rng = np.random.default_rng(0)
    labels, batch = np.repeat([0, 1, 2], 20), torch.zeros(60, dtype=torch.long)
    x = {name: torch.tensor(rng.normal(size=(60, n)), dtype=torch.float32) for name, n in (("a.b", 5), ("c", 4))}
    x["c"][40:] = 0
    states = {}
    for name, values in x.items():
        has = values.any(1)
        projection = ExpressionProjection(values.shape[1], 3, counts=False)
        projection.fit(values[has])
        states[name] = StartingStates(projection, values[has], batch[has], labels[has.numpy()], 2, 0, n_types=3)
    types = torch.as_tensor(labels)
    found = ModalityStates(states, n_arms=2)(x, batch, types)
    assert found.shape == (4, 60, 2)
    torch.testing.assert_close(found[0], states["a.b"](x["a.b"], batch, types))
    torch.testing.assert_close(found[2, :40], states["c"](x["c"][:40], batch[:40], types[:40]))
    assert torch.equal(found[0], found[1]) and torch.equal(found[2], found[3])
    assert not found[2, 40:].any()
