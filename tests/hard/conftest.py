"""One small trained model, and a way to see that nothing was changed."""

import joblib
import numpy as np
import pytest
from anndata import AnnData

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states

SETUP = {"layer": "counts", "batch_key": "batch", "continuous_covariate_keys": ["age"]}


def fifty_cells() -> AnnData:
    """Counts of two types in two batches, also in a layer, and numbers of all kinds beside them."""
    adata = simulate_types_and_states([30, 20], n_genes=40, n_batches=2)
    adata.layers["counts"] = adata.X.copy()
    adata.obs["age"] = np.linspace(0, 1, adata.n_obs)
    adata.obsm["X_pca"] = np.random.default_rng(0).normal(size=(adata.n_obs, 3))
    return adata


def contents(adata: AnnData) -> dict[str, str]:
    """A fingerprint of each thing that is in an AnnData."""
    places = {name: getattr(adata, name) for name in ("layers", "obsm", "varm", "obsp", "uns")}
    things = {f"{place}[{key}]": value for place, kept in places.items() for key, value in dict(kept).items()}
    things |= {"X": adata.X, "obs": adata.obs.to_dict("list"), "var": adata.var.to_dict("list")}
    things |= {"obs_names": list(adata.obs_names), "var_names": list(adata.var_names)}
    return {name: joblib.hash(value) for name, value in things.items()}


@pytest.fixture
def cells() -> AnnData:
    return fifty_cells()


@pytest.fixture(scope="session")
def saved(tmp_path_factory):
    """The folder of a model that was trained for an epoch."""
    adata = fifty_cells()
    CplMixVI.setup_anndata(adata, **SETUP)
    model = CplMixVI(adata, n_categories=2)
    model.train(max_epochs=1, start="random", enable_progress_bar=False)
    folder = tmp_path_factory.mktemp("hard") / "model"
    model.save(folder)
    return folder


@pytest.fixture(scope="session")
def model(saved) -> CplMixVI:
    """The model with cells of its own, for tests that only look."""
    return CplMixVI.load(saved, fifty_cells())


@pytest.fixture
def fresh(saved) -> CplMixVI:
    """The model with cells of its own, to be changed."""
    return CplMixVI.load(saved, fifty_cells())


@pytest.fixture
def unchanged():
    """Remembers an AnnData, and looks at it again."""

    class Watch:
        def __init__(self, adata: AnnData):
            self.adata, self.before = adata, contents(adata)

        def check(self) -> None:
            after = contents(self.adata)
            assert after == self.before, {name for name in after if after[name] != self.before.get(name)}

    return Watch
