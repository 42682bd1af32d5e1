"""One modality tells which cells are alike, another is modelled."""

import numpy as np
import pytest
from mudata import MuData
from sklearn.metrics import adjusted_rand_score

from mixvi import MoESimVI
from mixvi.datasets import simulate_modalities
from mixvi.train import graph_types

SMALL = {"n_hidden": 16, "encoder_widths": (32,), "gate_widths": (16,), "n_latent": 4}
BLIND = {"same_in_rna": [[0, 1]], "type_effect": 2.0}  # transcriptomes do not tell types 0 and 1 apart


def simulated(missing: float = 0.0, **kwargs) -> MuData:
    return simulate_modalities([120, 100, 80], n_genes=60, missing=missing, **kwargs)


@pytest.fixture(scope="module")
def trained() -> tuple[MuData, MoESimVI]:
    """Transcriptomes, beside electrophysiology in another order of cells."""
    mdata = simulated(type_effect=2.0)
    order = np.random.default_rng(0).permutation(300)
    mdata = MuData({"rna": mdata["rna"], "ephys": mdata["ephys"][order].copy()})
    MoESimVI.setup_mudata(mdata, decoded="rna", similarity="ephys")
    model = MoESimVI(mdata, n_categories=3, **SMALL)
    model.train(100, enable_progress_bar=False)
    return mdata, model


def truth(mdata: MuData) -> np.ndarray:
    return simulated(type_effect=2.0).obs["type"].loc[mdata["rna"].obs_names].to_numpy()


def test_types_are_found_and_written_to_what_is_modelled(trained):
    mdata, model = trained
    types = model.get_cell_types()
    assert adjusted_rand_score(truth(mdata), types) > 0.9
    assert mdata["rna"].obs["moe_type"].equals(types)
    assert "moe_type" not in mdata["ephys"].obs
    assert model.generate("0", 5).shape == (5, mdata["rna"].n_vars)
    assert mdata.uns["moe_setup"] == {"decoded": "rna", "similarity": "ephys"}


def test_the_graph_is_that_of_the_other_modality(trained):
    mdata, _ = trained
    graph = mdata["rna"].obsp["moe_similarity"].tocoo()
    x = mdata["ephys"][mdata["rna"].obs_names].X
    x = (x - x.mean(0)) / x.std(0)
    distance = np.square(x[graph.row] - x[graph.col]).sum(1)
    drawn = np.random.default_rng(0).integers(300, size=(2, graph.nnz))
    assert distance.mean() < 0.5 * np.square(x[drawn[0]] - x[drawn[1]]).sum(1).mean()


def test_new_cells_need_the_decoded_modality_alone(trained):
    mdata, model = trained
    new = mdata["rna"][::3].copy()
    new.obs, new.obsm, new.obsp = new.obs[[]], {}, {}
    assert adjusted_rand_score(truth(mdata)[::3], model.get_cell_types(new)) > 0.9


def test_the_similarity_tells_what_the_decoded_modality_does_not():
    mdata = simulated(**BLIND)
    MoESimVI.setup_mudata(mdata, decoded="rna", similarity="ephys")
    with_ephys = mdata["rna"].obsp["moe_similarity"].tocoo()
    kind = mdata.obs["type"].loc[mdata["rna"].obs_names].astype(str).to_numpy()
    assert (kind[with_ephys.row] == kind[with_ephys.col]).mean() > 0.95
    start = graph_types(mdata["rna"].obsp["moe_similarity"], mdata["rna"].obsm["X_moe_similarity"], "gap", 0, 3)
    assert adjusted_rand_score(kind, start) > 0.9


def test_saved_and_loaded_with_the_modality(trained, tmp_path):
    mdata, model = trained
    model.save(tmp_path / "model")
    loaded = MoESimVI.load(tmp_path / "model", adata=mdata["rna"])
    np.testing.assert_array_equal(loaded.get_latent_representation(), model.get_latent_representation())


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"decoded": "rna", "similarity": "x"}, KeyError, "similarity='x' is not in mdata, which has 'rna', 'ephys'"),
        ({"decoded": "rna", "similarity": "rna"}, ValueError, "both 'rna'"),
        ({"decoded": "rna", "similarity": "ephys"}, ValueError, "60 of 300 cells of 'rna' lack 'ephys'"),
        ({"decoded": "ephys", "similarity": "rna", "similarity_layer": "y"}, KeyError, "Modality 'rna': layer='y'"),
        ({"decoded": "ephys", "similarity": "rna", "layer": "y"}, KeyError, "Modality 'ephys': layer='y'"),
    ],
)
def test_what_cannot_be_used_is_refused(kwargs, error, message):
    mdata = simulated(missing=0.2)
    with pytest.raises(error, match=message):
        MoESimVI.setup_mudata(mdata, **kwargs)
    assert not mdata["rna"].obsp and not mdata.uns
    with pytest.raises(TypeError, match="setup_anndata"):
        MoESimVI.setup_mudata(mdata["rna"], "rna", "ephys")
    with pytest.raises(ValueError, match="setup_mudata"):
        MoESimVI(mdata)


def test_cells_that_lack_the_similarity_are_left_out_and_typed_afterwards():
    mdata = simulated(missing=0.2, type_effect=2.0)
    paired = mdata[mdata["ephys"].obs_names].copy()
    MoESimVI.setup_mudata(paired, decoded="rna", similarity="ephys")
    model = MoESimVI(paired, n_categories=3, **SMALL)
    model.train(100, enable_progress_bar=False)
    types = model.get_cell_types(mdata["rna"])
    assert len(types) == 300
    assert adjusted_rand_score(mdata.obs["type"].loc[types.index], types) > 0.85
