import inspect

import numpy as np
import pandas as pd
import pytest
from mudata import MuData
from sklearn.metrics import adjusted_rand_score

from mixvi import CplMixVI
from mixvi.datasets import simulate_modalities
from mixvi.model.mixins.refusing import REFUSED
from mixvi.model.modalities import cells_with
from mixvi.model.multimodal import MultimodalCplMixVI


def simulated(**kwargs) -> MuData:
    """120 cells: types 0 and 1 are told apart by electrophysiology only, which a fifth of the cells lack."""
    kwargs = {"n_genes": 60, "n_features": 12, "type_effect": 2.0, "same_in_rna": [(0, 1)]} | kwargs
    return simulate_modalities([40, 40, 40], **kwargs)


@pytest.fixture(scope="module")
def trained() -> CplMixVI:
    mdata = simulated()
    CplMixVI.setup_mudata(mdata)
    model = CplMixVI(mdata, n_categories=3)
    model.train(max_epochs=60, enable_progress_bar=False)
    return model


def test_a_mudata_gives_the_class_of_several_modalities(trained):
    assert type(trained) is MultimodalCplMixVI
    assert isinstance(trained, CplMixVI)
    assert trained.modalities == ["rna", "ephys"]
    assert trained.init_params_["non_kwargs"]["likelihood"] == {"rna": "nb", "ephys": "normal"}


def test_signatures_are_those_of_the_constructors():
    assert list(inspect.signature(CplMixVI).parameters)[:3] == ["adata", "n_categories", "n_arms"]
    assert "shared_arms" in inspect.signature(CplMixVI).parameters
    assert "shared_arms" not in inspect.signature(MultimodalCplMixVI).parameters


def test_types_are_recovered_that_one_modality_alone_separates(trained):
    mdata = trained.adata
    types = trained.get_cell_types()
    assert mdata.obs["cpl_type"] is types or mdata.obs["cpl_type"].equals(types)
    paired = cells_with(mdata, "ephys")
    assert adjusted_rand_score(mdata.obs["type"][paired], types[paired]) > 0.95
    in_doubt = ~paired & mdata.obs["type"].isin(["0", "1"]).to_numpy()
    confidence = mdata.obs["cpl_confidence"]
    assert confidence[in_doubt].mean() < 0.8 < 0.9 < confidence[~in_doubt].mean()


def test_one_modality_alone(trained):
    mdata = trained.adata
    together = trained.get_cell_types()
    ephys = mdata["ephys"].copy()
    types = trained.get_cell_types(ephys)
    assert list(ephys.obs) == ["cpl_type", "cpl_confidence", "cpl_agreement"]
    assert (types.astype(str) == together[types.index].astype(str)).mean() > 0.9
    same = trained.get_cell_types(MuData({"ephys": mdata["ephys"][:, ::-1].copy()}))  # features matched by name
    assert same.to_list() == types.to_list()
    rna = trained.get_cell_types(mdata["rna"].copy())
    told_apart = adjusted_rand_score(mdata.obs["type"] == "2", rna == rna[mdata.obs["type"] == "2"].mode()[0])
    assert told_apart > 0.9


def test_new_cells_in_another_order_get_the_same_types(trained):
    expected = trained.get_cell_types().astype(str)
    new = simulated()
    new = new[np.random.default_rng(0).permutation(new.n_obs)].copy()
    types = trained.get_cell_types(new)
    assert list(types.index) == list(new.obs_names)
    assert (types.astype(str) == expected[types.index]).all()
    assert "_scvi_uuid" not in new.uns


def test_states_are_those_of_a_modality(trained):
    mdata = trained.adata
    states = trained.get_states(modality="ephys")
    assert mdata.obsm["X_cpl_state_ephys"] is states or np.array_equal(
        mdata.obsm["X_cpl_state_ephys"], states, equal_nan=True
    )
    np.testing.assert_array_equal(np.isnan(states).any(1), ~cells_with(mdata, "ephys"))
    assert np.isfinite(trained.get_states(modality="rna")).all()
    assert np.isfinite(trained.get_latent_representation()).all()
    with pytest.raises(ValueError, match="modality: 'protein' is no modality of this model"):
        trained.get_states(modality="protein")
    with pytest.raises(ValueError, match="arm=1 does not exist"):
        trained.get_states(modality="rna", arm=1)


def test_the_other_modality_is_predicted(trained):
    mdata = trained.adata
    kind = mdata.obs["type"].to_numpy()
    predicted = trained.predict_modality("ephys", source="rna")
    assert predicted.shape == (120, 12)
    truth = simulated(missing=0)["ephys"]
    of_two = truth[kind == "2"].to_df().mean()
    spread = truth.to_df().std()
    assert ((predicted[kind == "2"].mean() - of_two) / spread).abs().max() < 0.6
    back = trained.predict_modality("rna")
    assert back.isna().all(axis=1).to_numpy().tolist() == (~cells_with(mdata, "ephys")).tolist()
    depth = np.median(np.asarray(mdata["rna"].X.sum(1)))
    np.testing.assert_allclose(back.dropna().sum(1), depth, rtol=1e-3)
    alone = trained.predict_modality("ephys", adata=mdata["rna"].copy())
    pd.testing.assert_frame_equal(alone, predicted, check_names=False)
    with pytest.raises(ValueError, match="source='rna' is the target itself"):
        trained.predict_modality("rna", source="rna")
    with pytest.raises(ValueError, match="target: 'protein'"):
        trained.predict_modality("protein")


def test_saved_and_loaded(trained, tmp_path):
    expected = trained.get_cell_types().to_list()
    prediction = trained.predict_modality("ephys", source="rna")
    trained.save(tmp_path / "model")
    again = CplMixVI.load(tmp_path / "model", simulated())
    assert type(again) is MultimodalCplMixVI
    assert again.get_cell_types().to_list() == expected
    bare = CplMixVI.load(tmp_path / "model", adata=False)
    with pytest.raises(ValueError, match="loaded without its cells"):
        bare.get_cell_types()
    assert bare.get_cell_types(simulated()).to_list() == expected
    pd.testing.assert_frame_equal(bare.predict_modality("ephys", "rna", simulated()), prediction)
    bare.save(tmp_path / "again")
    assert CplMixVI.load(tmp_path / "again", simulated()).get_cell_types().to_list() == expected
    with pytest.raises(ValueError, match="Modality 'rna': The genes of adata are not those of the model"):
        other = simulated()
        CplMixVI.load(tmp_path / "model", MuData({"rna": other["rna"][:, ::-1].copy(), "ephys": other["ephys"]}))


def test_training_goes_on_and_repeats_itself():
    types = []
    for _ in range(2):
        mdata = simulated(n_batches=2)
        CplMixVI.setup_mudata(mdata, batch_key="batch")
        model = CplMixVI(mdata, seed=3)
        model.train(max_epochs=2, enable_progress_bar=False)
        model.train(max_epochs=1, enable_progress_bar=False)
        types.append(model.get_type_probabilities())
        assert np.isfinite(model.get_elbo())
        assert model.predict_modality("ephys", "rna").shape == (120, 12)
    pd.testing.assert_frame_equal(*types)


def test_cells_that_do_not_fit(trained):
    mdata = simulated()
    with pytest.raises(KeyError, match="none of the model's modalities 'rna', 'ephys'"):
        trained.get_cell_types(MuData({"protein": mdata["rna"]}))
    with pytest.raises(ValueError, match="has the features of none of the model's modalities"):
        trained.get_cell_types(mdata["ephys"][:, :3].copy())
    with pytest.raises(ValueError, match="Modality 'ephys': 2 of the model's 12 genes are missing"):
        trained.get_cell_types(MuData({"ephys": mdata["ephys"][:, 2:].copy()}))
    third = mdata["rna"].copy()
    third.obs_names = [f"other{i}" for i in range(third.n_obs)]
    with pytest.raises(ValueError, match="120 of 240 cells have none of the modalities rna, ephys"):
        trained.get_cell_types(MuData(dict(mdata.mod) | {"third": third}))
    mdata["rna"].X.data += 0.5
    with pytest.raises(ValueError, match="Modality 'rna': likelihood='nb' needs counts"):
        trained.get_cell_types(mdata)


def test_arguments_by_modality():
    mdata = simulated()
    CplMixVI.setup_mudata(mdata)
    with pytest.raises(ValueError, match="likelihood: 'protein' is no modality"):
        CplMixVI(mdata, likelihood={"protein": "nb"})
    with pytest.raises(TypeError, match="likelihood must be a dictionary by modality"):
        CplMixVI(mdata, likelihood="nb")
    with pytest.raises(ValueError, match="likelihood='nb' needs counts"):
        CplMixVI(mdata, likelihood={"ephys": "nb"})
    with pytest.raises(ValueError, match="a learned augmenter is for models of one modality"):
        CplMixVI(mdata, augmenter={"rna": "vaegan"})
    with pytest.raises(ValueError, match="coupling='love' is unknown. Choose one of .*, joint"):
        CplMixVI(mdata, coupling="love")


@pytest.mark.parametrize("verb", REFUSED)
def test_verbs_for_one_modality_say_so(trained, verb):
    with pytest.raises(NotImplementedError, match=rf"{verb}\(\) is for models of one modality"):
        getattr(trained, verb)()


def test_pruning_and_queries_are_refused_before_long_work():
    mdata = simulated()
    CplMixVI.setup_mudata(mdata)
    model = CplMixVI(mdata)
    with pytest.raises(NotImplementedError, match=r"train\(prune=True\) is for models of one modality"):
        model.train(prune=True)
    assert not model.is_trained_
    with pytest.raises(NotImplementedError, match=r"load_query_data\(\) is for models of one modality"):
        CplMixVI.load_query_data(mdata, model)


def test_training_begins_from_a_column_with_states_of_each_modality():
    mdata = simulated()
    mdata.obs["planted"] = mdata.obs["type"].to_numpy()
    CplMixVI.setup_mudata(mdata)
    model = CplMixVI(mdata, n_arms=2)
    model.train(start="planted", max_epochs=20, enable_progress_bar=False)
    assert len(model.type_names) == 3
    paired = cells_with(mdata, "ephys")
    assert adjusted_rand_score(mdata.obs["type"][paired], model.get_cell_types()[paired]) > 0.9
    assert model.get_states(modality="rna").std() > 0.3  # states have not collapsed


def test_asking_before_training():
    mdata = simulated()
    CplMixVI.setup_mudata(mdata)
    with pytest.raises(RuntimeError, match=r"train\(\) first"):
        CplMixVI(mdata).get_cell_types()
