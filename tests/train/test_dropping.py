from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mixvi.module import CplMixVAE
from mixvi.train import Pruning, drop_categories

KEPT = torch.tensor([3, 0])


def stepped() -> tuple[CplMixVAE, torch.optim.Adam]:
    """A module of four categories, and Adam after two steps with gradients that are easy to follow."""
    torch.manual_seed(0)
    module = CplMixVAE(12, n_categories=4, n_components=5, n_hidden=7, n_bottleneck=6, n_state=2)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for scale in (1.0, 2.0):
        step(module, optimizer, scale)
    return module, optimizer


def step(module: CplMixVAE, optimizer: torch.optim.Adam, scale: float) -> None:
    """One step down a loss whose gradient at a parameter does not depend on the others."""
    optimizer.zero_grad()
    (scale * sum(parameter.square().sum() for parameter in module.parameters())).backward()
    optimizer.step()


def test_moments_of_the_categories_that_stay_are_kept():
    module, optimizer = stepped()
    weight = module.encoder.category.weight
    before = {name: optimizer.state[weight][name].clone() for name in ("exp_avg", "exp_avg_sq")}
    drop_categories(module, optimizer, KEPT)
    assert module.n_categories == 2
    (group,) = optimizer.param_groups
    assert [id(p) for p in group["params"]] == [id(p) for p in module.parameters()]
    assert set(optimizer.state) == set(module.parameters())
    state = optimizer.state[module.encoder.category.weight]
    for name, moment in before.items():
        assert torch.equal(state[name], moment[:, :, KEPT])
    assert state["step"] == 2


def test_training_goes_on_as_if_the_others_had_never_been():
    """What is kept takes the same next step whether the other categories are dropped before or after it."""
    first, optimizer = stepped()
    drop_categories(first, optimizer, KEPT)
    step(first, optimizer, 3.0)
    second, optimizer = stepped()
    step(second, optimizer, 3.0)
    second.keep_categories(KEPT)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_before_the_first_step():
    module = CplMixVAE(12, n_categories=4, n_components=5)
    optimizer = torch.optim.Adam(module.parameters())
    drop_categories(module, optimizer, KEPT)
    assert not optimizer.state
    assert pytest.approx(1) == float(module.shares.sum())


def test_consensus_that_rises_is_waited_for(monkeypatch):
    """Two arms agree on the first of three categories and call the others as they like."""
    one, other = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 2, 1, 2])
    log_q = np.log(np.eye(3)[[one, other]] + 1e-3)  # (arms, cells, categories)
    module = SimpleNamespace(shares=torch.ones(3) / 3)

    def looks(rising: float) -> list[int]:
        pruning = Pruning({}, None, 1, 0.95, rising)
        monkeypatch.setattr(pruning, "_encode", lambda _: (log_q, log_q[None]))
        n_kept = [len(pruning._look(module)[0]) for _ in range(2)]
        assert [n_given_up for _, n_given_up in pruning.rounds] == [3 - n for n in n_kept]
        again = Pruning({}, None, 1, 0.95, rising)
        again.load_state_dict(pruning.state_dict())
        assert again.last_mean == pytest.approx(2 / 3)
        return n_kept

    assert looks(rising=0.01) == [3, 2]  # the first look knows none before it
    assert looks(rising=np.inf) == [2, 2]
