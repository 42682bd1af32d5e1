import torch

from mixvi.nn import cells_with_values, follow_others


def test_cells_that_lack_a_modality_are_rows_of_zeros():
    x = torch.tensor([[0.0, 0.0], [0.0, -1.0], [2.0, 0.0]])
    assert cells_with_values(x).tolist() == [False, True, True]


def test_arms_that_do_not_see_a_cell_follow_the_others():
    """By hand: the normalised geometric mean of (.5, .5) and (.9, .1) is (.75, .25)."""
    log_q = torch.tensor([[[0.5, 0.5]], [[0.9, 0.1]], [[0.01, 0.99]]]).log().requires_grad_()
    filled = follow_others(log_q, torch.tensor([[True], [True], [False]]))
    torch.testing.assert_close(filled.exp(), torch.tensor([[[0.5, 0.5]], [[0.9, 0.1]], [[0.75, 0.25]]]))
    filled[2].sum().backward()
    assert (log_q.grad == 0).all()
