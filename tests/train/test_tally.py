import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from torch.utils.data import DataLoader
from torchmetrics import MeanMetric

from mixvi.train.tally import TalliesSteps, weighted_mean


class Plan(TalliesSteps):
    """Logs the mean of each batch, in three ways."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.metric = MeanMetric()

    def training_step(self, batch, batch_idx):
        x = batch["x"]
        self.metric.update(x)
        self.log("mean", x.mean(), on_epoch=True, on_step=False)
        self.log("half", x.mean(), on_epoch=True, on_step=False, batch_size=1)
        self.log_dict({"metric": self.metric}, on_epoch=True, on_step=False)
        return self.weight * x.sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.0)


class Plain(Plan):
    """As Lightning does it."""

    log = LightningModule.log


def logged(plan, **kwargs):
    cells = [{"x": torch.tensor(float(i))} for i in range(5)]
    trainer = Trainer(logger=False, enable_checkpointing=False, enable_progress_bar=False, accelerator="cpu", **kwargs)
    trainer.fit(plan, DataLoader(cells, batch_size=2))
    return {name: float(value) for name, value in trainer.callback_metrics.items()}


@pytest.mark.filterwarnings("ignore")
class TestTalliesSteps:
    def test_means_over_the_cells_of_an_epoch(self):
        found = logged(Plan(), max_epochs=2)
        assert found == pytest.approx({"mean": 2.0, "half": (0.5 + 2.5 + 4) / 3, "metric": 2.0})

    def test_as_lightning_does(self):
        assert logged(Plan(), max_epochs=2) == pytest.approx(logged(Plain(), max_epochs=2))

    def test_an_epoch_that_is_cut_short(self):
        assert logged(Plan(), max_epochs=1, max_steps=2)["mean"] == pytest.approx(1.5)

    def test_keeps_nothing_for_the_next_epoch(self):
        plan = Plan()
        logged(plan, max_epochs=1)
        assert not plan._tally


def test_weighted_mean():
    assert weighted_mean([1.0, torch.tensor(4.0)], [2, 1]) == 2.0
