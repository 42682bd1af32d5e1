"""Models of cells whose values stay in their file."""

import anndata as ad
import numpy as np
import pytest
from scipy import sparse

from mixvi import CplMixVI, JointVI, MoESimVI, open_cells
from mixvi.datasets import simulate_types_and_states
from mixvi.metrics import clustering_scores

KINDS = ["h5ad", "zarr", "backed"]


def cells_sorted_by_type():
    adata = simulate_types_and_states([300, 200, 100, 60], n_genes=80, seed=1)
    adata.X = sparse.csr_matrix(adata.X)
    adata.obs["donor"] = np.random.default_rng(0).choice(["a", "b"], adata.n_obs)
    return adata


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same cells in files, in .X and in a layer."""
    folder, adata = tmp_path_factory.mktemp("cells"), cells_sorted_by_type()
    adata.layers["counts"] = adata.X.copy()
    adata.write_h5ad(folder / "cells.h5ad")
    adata.write_zarr(folder / "cells.zarr")

    def read(kind):
        path = folder / ("cells.zarr" if kind == "zarr" else "cells.h5ad")
        return ad.read_h5ad(path, backed="r") if kind == "backed" else open_cells(path)

    return read


@pytest.fixture
def none_read_whole(monkeypatch):
    """Reading more than a few hundred cells at a time is an error."""
    monkeypatch.setattr("mixvi.loading.batches.READ_CELLS", 100)
    monkeypatch.setattr("mixvi.loading.splitter.MIXED_CELLS", 320)
    monkeypatch.setattr("mixvi.model.mixins.inference.PART_CELLS", 200)
    monkeypatch.setattr("mixvi.loading.splitter.BLOCK_CELLS", 16)


@pytest.fixture(scope="module")
def in_memory(fitted):
    return fitted(cells_sorted_by_type(), n_categories=4, max_epochs=20, setup={"batch_key": "donor"})


@pytest.mark.parametrize("kind", KINDS)
def test_answers_are_those_of_cells_in_memory(kind, in_memory, files, none_read_whole):
    expected, cells = cells_sorted_by_type(), files(kind)
    for adata in (expected, cells):
        in_memory.get_cell_types(adata, batch_size=50)
        in_memory.get_states(adata)
        in_memory.get_type_probabilities(adata)
    assert (cells.obs["cpl_type"] == expected.obs["cpl_type"]).all()
    for column in ("cpl_confidence", "cpl_agreement", "cpl_outlier_score"):
        np.testing.assert_allclose(cells.obs[column], expected.obs[column], rtol=1e-5, atol=1e-6)
    for key in expected.obsm:
        np.testing.assert_allclose(cells.obsm[key], expected.obsm[key], rtol=1e-5, atol=1e-6)
    some = np.random.default_rng(0).permutation(cells.n_obs)[:330]
    latent = in_memory.get_latent_representation(cells, indices=some)
    np.testing.assert_allclose(latent, in_memory.get_latent_representation(expected, indices=some), atol=1e-5)
    bounds = [float(in_memory.get_elbo(adata)) for adata in (cells, expected)]
    assert bounds[0] == pytest.approx(bounds[1], rel=0.02)  # states are drawn


@pytest.mark.parametrize("kind", KINDS)
def test_training_finds_the_types(kind, files, none_read_whole, in_memory):
    cells = files(kind)
    layer = None if kind == "backed" else "counts"
    CplMixVI.setup_anndata(cells, layer=layer, batch_key="donor")
    model = CplMixVI(cells, n_categories=4)
    model.train(max_epochs=20, enable_progress_bar=False)
    reference = in_memory.get_cell_types()
    truth = cells_sorted_by_type().obs["type"]
    in_file, in_memory = (clustering_scores(truth, kinds)["ARI"] for kinds in (model.get_cell_types(), reference))
    assert in_file > in_memory - 0.02 > 0.9
    again = files(kind)
    assert model.get_cell_types(again).equals(cells.obs["cpl_type"])
    np.testing.assert_allclose(again.obs["cpl_outlier_score"], cells.obs["cpl_outlier_score"], rtol=1e-5)
    assert model.history["train_loss"].shape[0] == 20


def test_validation_pruning_and_the_other_verbs(files, none_read_whole):
    cells = files("h5ad")
    CplMixVI.setup_anndata(cells)
    model = CplMixVI(cells, n_categories=6, augmenter="vaegan")
    model.train(max_epochs=4, early_stopping=True, prune=True, enable_progress_bar=False)
    assert np.isfinite(model.history["elbo_validation"].to_numpy(float)).all()
    model.get_cell_types()
    model.get_arm_consensus()
    assert len(model.traverse_state(n_steps=3, n_cells=20)) > 0
    assert len(model.rank_state_genes()) > 0


def test_another_order_of_genes_and_a_view(in_memory, files, none_read_whole, tmp_path):
    expected = in_memory.get_cell_types(cells_sorted_by_type()).to_numpy()
    order = np.random.default_rng(0).permutation(80)
    cells_sorted_by_type()[:, order].copy().write_h5ad(tmp_path / "shuffled.h5ad")
    shuffled = open_cells(tmp_path / "shuffled.h5ad")
    assert (in_memory.get_cell_types(shuffled).to_numpy() == expected).all()
    view = files("backed")[100:500]
    assert (in_memory._run(view, None, lambda h, log_q: (log_q.mean(0).argmax(-1),))[0].shape) == (400,)


def test_baselines_train_and_moesimvi_refuses(files, none_read_whole):
    cells = files("h5ad")
    JointVI.setup_anndata(cells)
    model = JointVI(cells, n_categories=4)
    model.train(max_steps=10, enable_progress_bar=False)
    assert len(model.get_cell_types()) == cells.n_obs
    MoESimVI.setup_anndata(cells)
    with pytest.raises(ValueError, match="compares all cells .*adata.to_memory"):
        MoESimVI(cells).train()


def test_compressed_columns_are_refused(tmp_path):
    adata = cells_sorted_by_type()
    adata.X = sparse.csc_matrix(adata.X)
    adata.write_h5ad(tmp_path / "columns.h5ad")
    with pytest.raises(TypeError, match="compressed columns"):
        CplMixVI.setup_anndata(open_cells(tmp_path / "columns.h5ad"))
