import torch

from mixvi.nn import RunningMeans


def test_running_means_are_weighted_by_the_cells_of_each_batch():
    centres = RunningMeans(2, 1, memory=0.5)
    centres.update(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[1.0], [3.0]]))
    torch.testing.assert_close(centres.means[0], torch.tensor([2.0]))
    assert centres.means[1] == 0  # no cell yet
    centres.update(torch.tensor([[0.0, 1.0]]), torch.tensor([[9.0]]))
    torch.testing.assert_close(centres.means, torch.tensor([[2.0], [9.0]]))  # a batch without cells changes nothing
    centres.update(torch.tensor([[1.0, 0.0]]), torch.tensor([[8.0]]))
    old, new = 0.5**3 * 2, 0.5 * 1  # weights of the cells of the first and the last batch
    torch.testing.assert_close(centres.means[0], torch.tensor([(old * 2 + new * 8) / (old + new)]))


def test_running_means_follow_moving_clusters():
    torch.manual_seed(0)
    centres = RunningMeans(3, 2)
    truth = torch.tensor([[0.0, 5.0], [4.0, -1.0], [-7.0, 2.0]])
    for step in range(200):
        kind = torch.randint(3, (64,))
        z = truth[kind] * (1 if step < 100 else -1) + 0.1 * torch.randn(64, 2)
        centres.update(torch.eye(3)[kind], z)
    torch.testing.assert_close(centres.means, -truth, atol=0.15, rtol=0)
    torch.testing.assert_close(centres.shares, torch.full((3,), 1 / 3), atol=0.05, rtol=0)


def test_setting_forgets_and_dropping_keeps_the_rest():
    centres = RunningMeans(3, 1)
    centres.update(torch.eye(3), torch.tensor([[100.0], [100.0], [100.0]]))
    centres.set_to(torch.eye(3), torch.tensor([[1.0], [2.0], [3.0]]))
    torch.testing.assert_close(centres.means, torch.tensor([[1.0], [2.0], [3.0]]))
    centres.keep_categories(torch.tensor([2, 0]))
    torch.testing.assert_close(centres.means, torch.tensor([[3.0], [1.0]]))
