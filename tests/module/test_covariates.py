import torch
from scvi import REGISTRY_KEYS

from mixvi.module.covariates import Covariates


def test_features_by_hand():
    covariates = Covariates(2, [1, 3], 1)
    features = covariates(
        {
            REGISTRY_KEYS.BATCH_KEY: torch.tensor([[1], [0]]),
            REGISTRY_KEYS.CAT_COVS_KEY: torch.tensor([[0, 2], [0, 1]]),
            REGISTRY_KEYS.CONT_COVS_KEY: torch.tensor([[0.5], [2.0]]),
        }
    )
    assert features.tolist() == [[0, 1, 0, 0, 1, 0.5], [1, 0, 0, 1, 0, 2]]
    assert covariates.n_features == 6


def test_typical_cell_is_between_all_levels():
    typical = Covariates(2, [4], 2).typical(3, torch.zeros(1))
    assert typical.tolist() == [[0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0, 0]] * 3
    assert Covariates().typical(2, torch.zeros(1)).shape == (2, 0)
