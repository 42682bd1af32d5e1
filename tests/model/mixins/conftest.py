"""Models of cells with strong states, shared by tests that only look."""

import pytest
import scanpy as sc

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states


@pytest.fixture(scope="session")
def active(fitted) -> CplMixVI:
    """Counts of two types in two batches; half of the activity genes follow the state of a type."""
    adata = simulate_types_and_states(
        [250, 150], n_genes=100, n_batches=2, batch_effect=0.6, responding=0.5, state_effect=1.0, seed=1
    )
    return fitted(adata, setup={"batch_key": "batch"}, n_categories=2, n_state=1, max_epochs=30)


@pytest.fixture(scope="session")
def active_values(fitted) -> CplMixVI:
    """Log-normalised values of two types with a state."""
    adata = simulate_types_and_states([150, 100], n_genes=80, state_effect=1.0, seed=1)
    sc.pp.normalize_total(adata, target_sum=1e4)
    sc.pp.log1p(adata)
    return fitted(adata, n_categories=2, n_state=1, max_epochs=30)


@pytest.fixture(scope="session")
def two_states(fitted) -> CplMixVI:
    """Counts of two types with the same two states, each with activity genes of its own."""
    adata = simulate_types_and_states([250, 150], n_genes=150, n_states=2, state_effect=0.7, seed=1)
    return fitted(adata, n_categories=2, n_state=3, max_epochs=40)


@pytest.fixture
def cells(trained):
    """The training cells of the shared model again, so that nothing is written to its own."""
    return trained.adata.copy()
