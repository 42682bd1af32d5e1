import math
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mixvi.train import CascadeTrainingPlan, JointTrainingPlan, VaDETrainingPlan


class Module(nn.Module):
    """As much of a module as a plan asks for when it is made."""

    n_categories, n_state = 10, 6

    def loss(self):
        """Never called."""


def at_step(plan, step: int, n_steps: int):
    """The plan's options in the middle of a training."""
    progress = SimpleNamespace(estimated_stepping_batches=n_steps, global_step=step, current_epoch=step // 100)
    plan._trainer = progress
    type(plan).trainer = property(lambda self: self._trainer)
    type(plan).global_step = property(lambda self: self._trainer.global_step)
    return plan.options()


@pytest.fixture
def plan_of():
    """Makes plans, of a class of their own, so that their trainer can be set."""

    def make(cls, **kwargs):
        return type(cls.__name__, (cls,), {})(Module(), **kwargs)

    return make


def test_capacities_of_the_published_run(plan_of):
    plan = plan_of(JointTrainingPlan)
    for step, state, category in ((0, 0, 0), (10_000, 2, 2), (20_000, 4, math.log(10)), (90_000, 5, math.log(10))):
        loss = at_step(plan, step, 93_800)["loss_kwargs"]
        assert loss["state_capacity"] == pytest.approx(state)
        assert loss["category_capacity"] == pytest.approx(category)
        assert loss["capacity_weight"] == 30


def test_capacities_of_a_short_run_are_reached_near_its_end(plan_of):
    plan = plan_of(JointTrainingPlan, state_capacity=(0, 40))
    assert at_step(plan, 450, 1000)["loss_kwargs"]["state_capacity"] == pytest.approx(20)
    assert at_step(plan, 900, 1000)["loss_kwargs"]["state_capacity"] == pytest.approx(40)


def test_stages_of_the_published_run_and_of_a_short_one(plan_of):
    plan = plan_of(CascadeTrainingPlan)
    for scale, n_steps in ((20_000, 300_000), (10, 150)):
        seen = [at_step(plan, scale * stage, n_steps) for stage in range(7)]
        n_open = [int((options["loss_kwargs"]["state_weights"] < 1).sum()) for options in seen]
        assert n_open == [1, 2, 3, 4, 4, 5, 6]
        assert [options["inference_kwargs"]["with_category"] for options in seen] == [False] * 4 + [True] * 3


def test_the_ramp_of_the_supplement(plan_of):
    plan = plan_of(CascadeTrainingPlan, ramp_steps=10_000)
    for step, weight in ((0, 0), (2_500, 2.5), (10_000, 10), (30_000, 10)):
        options = at_step(plan, step, 200_000)
        assert options["loss_kwargs"]["state_weights"] == pytest.approx(weight)
        assert options["inference_kwargs"]["with_category"]


def test_the_learning_rate_of_vade_falls_in_steps(plan_of):
    plan, group = plan_of(VaDETrainingPlan), {}
    at_step(plan, 2_500, 30_000)
    plan._trainer.optimizers = [SimpleNamespace(param_groups=[group])]
    type(plan).current_epoch = property(lambda self: 25)
    plan.on_train_batch_start({}, 0)
    assert group["lr"] == pytest.approx(2e-3 * 0.9**2)
    assert plan_of(VaDETrainingPlan, autoencode=True).options()["loss_kwargs"] == {"autoencode": True}
    assert torch.is_tensor(at_step(plan_of(CascadeTrainingPlan), 0, 10)["loss_kwargs"]["state_weights"])
