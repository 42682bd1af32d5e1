import torch
from torch import nn

from mixvi.augment import Affine, Compose, CountSplit, GeneSplit, Neighbours, no_copies


class Noise(nn.Module):
    def forward(self, x, n_arms):
        return x + torch.rand(n_arms, *x.shape)


def test_one_after_the_other_with_each_arms_own_draws():
    x = torch.zeros(3, 4)
    copies = Compose([no_copies, Noise(), lambda x, n_arms: 10 * x.expand(n_arms, *x.shape)])(x, 2)
    assert copies.shape == (2, 3, 4)
    assert 1 < copies.max() <= 10
    assert not torch.equal(copies[0], copies[1])


def test_split_counts_stay_split():
    x = torch.poisson(torch.full((5, 8), 4.0))
    copies = Compose([CountSplit(), no_copies])(x, 3)
    assert torch.equal(copies.sum(0), x)


def test_what_is_reconstructed():
    assert Compose([GeneSplit(4), no_copies]).reconstruct == "original"
    assert Compose([Affine((2, 2)), no_copies]).reconstruct == "copy"


def test_one_full_turn_is_enough():
    assert Compose([no_copies, Affine((2, 2), rotation=180)]).turns_fully
    assert not Compose([no_copies, Affine((2, 2))]).turns_fully


def test_fitting_and_saving_reach_the_parts():
    torch.manual_seed(0)
    x = torch.rand(20, 4)

    def build():
        return Compose([GeneSplit(4), Neighbours(nn.Identity(), counts=False)])

    fitted, loaded = build(), build()
    fitted.fit(x)
    loaded.load_state_dict(fitted.state_dict())
    torch.manual_seed(1)
    expected = fitted(x, 2)
    torch.manual_seed(1)
    assert torch.equal(loaded(x, 2), expected)
    torch.testing.assert_close(loaded.augmenters[0].average, x.mean(0))
