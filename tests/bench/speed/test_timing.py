import time

import pytest
import torch

from mixvi.bench.speed.clock import StepClock
from mixvi.bench.speed.floor import n_operations, peak_rate
from mixvi.bench.speed.naive import loss_of_arms, naive_steps
from mixvi.bench.speed.size import Size
from mixvi.bench.speed.tools import time_images, time_mixvi, time_naive, time_scvi

SMALL = Size(n_categories=4, n_hidden=16, n_cells=60, n_genes=64, zeros=0.5, batch_size=30)


def test_operations_of_forward_and_backward():
    x, w = torch.ones(2, 3), torch.ones(3, 5, requires_grad=True)
    assert n_operations(lambda: (x @ w).sum().backward()) == 2 * (2 * 2 * 3 * 5)


def test_peak_rate_is_that_of_a_machine():
    assert 1e8 < peak_rate() < 1e15


def test_the_clock_leaves_out_the_first_steps():
    clock = StepClock(warm_up=1)
    for seconds in (0.05, 0.002, 0.002):
        clock.on_train_batch_start()
        time.sleep(seconds)
    clock.on_train_end()
    found = clock.seconds_per_step()
    assert 0.002 <= found["fastest"] <= found["mean"] < 0.05


def test_loss_of_arms_that_are_alike():
    """By hand: no error, no divergence, no distance; what is left are the entropies of both arms, log ½ each."""
    x = torch.zeros(3, 2)
    arm = (torch.full((3, 2), 0.5), torch.zeros(3, 1), torch.zeros(3, 1), x)
    assert loss_of_arms([x, x], [arm, arm]).item() == pytest.approx(2 * torch.tensor(0.5).log().item(), abs=1e-5)


def test_the_plain_step_trains():
    torch.manual_seed(0)
    x = torch.rand(60, 64)
    step = naive_steps(x, SMALL)
    before = torch.get_rng_state()
    step()
    assert not torch.equal(before, torch.get_rng_state())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("timed", [time_mixvi, time_images, time_scvi, time_naive])
def test_every_tool_is_timed(timed):
    found = timed(SMALL, n_steps=3)
    assert 0 < found["fastest"] <= found["median"]
    if timed in (time_mixvi, time_images):
        # at least the output layers: forward, and two products backward, of two arms
        assert found["operations"] > 2 * 3 * 2 * SMALL.batch_size * SMALL.n_genes * SMALL.n_hidden
