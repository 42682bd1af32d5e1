"""The model from end to end, on cells whose types and states are known."""

import numpy as np
import pytest
import torch
from scvi.data import synthetic_iid
from sklearn.metrics import adjusted_rand_score

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states
from mixvi.metrics import matched_accuracy

UNBALANCED = [400, 300, 200, 150, 100, 70, 50, 30]


def within_type_correlation(adata, states) -> list[float]:
    """Best |r| of a state dimension with the planted state, in each type."""
    return [
        max(abs(np.corrcoef(column[cells], adata.obs["state"][cells])[0, 1]) for column in states.T)
        for cells in (adata.obs["type"].to_numpy() == kind for kind in adata.obs["type"].unique())
    ]


@pytest.mark.parametrize("values", ["counts", "log"])
@pytest.mark.parametrize("seed", [0, 1])
def test_planted_types_and_states_are_recovered(values, seed, fitted, log_normalised):
    adata = simulate_types_and_states(UNBALANCED, seed=seed)
    if values == "log":
        adata = log_normalised(adata)
    model = fitted(adata, max_epochs=None, seed=seed)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) >= 0.95
    assert min(within_type_correlation(adata, model.get_states())) >= 0.9
    assert adata.obs["cpl_agreement"].mean() > 0.99


def test_types_are_shared_by_batches_that_the_model_knows(fitted):
    adata = simulate_types_and_states([200, 120, 60], n_batches=3)
    model = fitted(adata, max_epochs=None, setup={"batch_key": "batch"})
    assert matched_accuracy(adata.obs["type"], model.get_cell_types()) >= 0.9  # a strong state may leave a splinter


@pytest.mark.parametrize("n_arms", [1, 2, 3])
@pytest.mark.parametrize("likelihood", ["nb", "zinb"])
def test_every_number_of_arms_learns_types(n_arms, likelihood, fitted):
    adata = simulate_types_and_states([100, 60, 40], n_genes=100)
    model = fitted(adata, max_epochs=60, n_arms=n_arms, likelihood=likelihood)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) >= 0.95


@pytest.mark.parametrize(
    "variant",
    [
        {"shared_arms": True},
        {"type_dependent_state": False},
        {"coupling": "aitchison"},
        {"coupling": "mutual_information"},
        {"augmenter": "none"},
        {"n_state": 5, "n_hidden": 32, "n_bottleneck": 8, "temperature": 0.5, "dropout_rate": 0.0},
    ],
)
def test_variants_train_and_improve(variant, small, fitted):
    model = fitted(small, max_epochs=20, n_categories=3, **variant)
    loss = model.history["elbo_train"].iloc[:, 0].astype(float)  # without the pull of the start
    assert np.isfinite(loss).all()
    assert loss.iloc[-1] < loss.iloc[0]


def test_the_same_seed_gives_the_same_bits(fitted):
    def run(seed: int):
        adata = simulate_types_and_states([60, 40, 20], n_genes=60)
        torch.rand(1)  # whatever state the user's generator is in
        model = fitted(adata, seed=seed)
        return model.get_cell_types().to_list(), model.module.state_dict()

    (labels, first), (labels_again, again), (_, other) = run(3), run(3), run(4)
    assert labels == labels_again
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(first[name].shape != other[name].shape or not torch.equal(first[name], other[name]) for name in first)


def test_training_leaves_the_users_generator_alone(small, fitted):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fitted(small, max_epochs=1)
    assert torch.equal(torch.rand(3), expected)


def test_save_and_load_give_the_same_answers(small, fitted, tmp_path):
    model = fitted(small)  # the number of types is chosen in training
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", small)
    assert loaded.init_params_["non_kwargs"]["n_categories"] == model.module.n_categories
    assert loaded.get_cell_types().to_list() == model.get_cell_types().to_list()
    np.testing.assert_array_equal(loaded.get_states(), model.get_states())
    np.testing.assert_array_equal(loaded.get_type_probabilities(), model.get_type_probabilities())
    assert str(loaded) == str(model)


def test_load_without_its_cells_types_new_ones(small, fitted, tmp_path):
    model = fitted(small)
    model.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", adata=False)
    with pytest.raises(ValueError, match="it with them to train"):
        loaded.train()
    fresh = simulate_types_and_states([60, 40, 20], n_genes=60)
    assert loaded.get_cell_types(fresh[:1].copy()).to_list() == model.get_cell_types().to_list()[:1]
    assert loaded.get_cell_types(fresh).to_list() == model.get_cell_types().to_list()
    with pytest.raises(ValueError, match="pass adata"):  # cells that were only typed are not adopted
        loaded.get_cell_types()


def test_load_with_few_cells_or_other_genes(small, fitted, tmp_path):
    model = fitted(small, n_categories=20, max_epochs=1)
    model.save(tmp_path / "model")
    few = small[:5].copy()
    assert CplMixVI.load(tmp_path / "model", few).get_cell_types().to_list() == model.get_cell_types().to_list()[:5]
    for other in (small[:, ::-1].copy(), small[:, 1:].copy()):
        with pytest.raises(ValueError, match="genes of adata are not those of the model"):
            CplMixVI.load(tmp_path / "model", other)


@pytest.mark.parametrize("variant", [{"likelihood": "zinb", "n_arms": 3}, {"coupling": "aitchison"}, {"log": True}])
def test_every_kind_of_model_is_reproducible_and_can_be_saved(variant, fitted, log_normalised, tmp_path):
    def cells():
        adata = simulate_types_and_states([60, 40, 20], n_genes=60, n_batches=2)
        return log_normalised(adata) if variant.get("log") else adata

    options = {name: value for name, value in variant.items() if name != "log"}
    first, again = (fitted(cells(), setup={"batch_key": "batch"}, **options) for _ in range(2))
    state, state_again = first.module.state_dict(), again.module.state_dict()
    assert all(torch.equal(state[name], state_again[name]) for name in state)
    first.save(tmp_path / "model")
    loaded = CplMixVI.load(tmp_path / "model", first.adata)
    for model in (first, loaded):
        model.train(max_epochs=1, enable_progress_bar=False)
    state, state_again = first.module.state_dict(), loaded.module.state_dict()
    assert all(torch.equal(state[name], state_again[name]) for name in state)


def test_arms_find_types_without_a_start():
    adata = simulate_types_and_states([150, 100, 80], n_genes=100)
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=3, coupling="mutual_information")
    model.train(max_epochs=150, start="random", enable_progress_bar=False)
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) > 0.9


def test_training_mends_a_bad_start():
    adata = simulate_types_and_states([150, 100, 80], n_genes=100)
    wrong = np.random.default_rng(0).random(adata.n_obs) < 0.3
    adata.obs["bad"] = np.where(
        wrong, np.random.default_rng(1).integers(3, size=adata.n_obs).astype(str), adata.obs["type"]
    )
    before = adjusted_rand_score(adata.obs["type"], adata.obs["bad"])
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=3)
    model.train(start="bad", enable_progress_bar=False)
    assert before < 0.7 < 0.95 < adjusted_rand_score(adata.obs["type"], model.get_cell_types())


def test_elbo_and_history(small, fitted):
    model = fitted(small, max_epochs=300, n_categories=3)
    assert {"elbo_train", "reconstruction_loss_train", "kl_local_train", "agreement_train"} <= set(model.history)
    assert len(model.history["elbo_train"]) == 300
    per_cell = model.get_elbo(return_mean=False)
    assert per_cell.shape == (120,)
    assert np.isfinite(float(model.get_elbo()))
    poor = fitted(small, max_epochs=1, n_categories=3)
    assert float(model.get_elbo()) > float(poor.get_elbo())


def test_covariates_of_all_kinds(fitted, capsys):
    adata = synthetic_iid(batch_size=60, n_genes=30)
    adata.obs["site"], adata.obs["age"] = ["x", "y", "z"] * 40, np.linspace(0, 1, 120)
    setup = {"batch_key": "batch", "categorical_covariate_keys": ["site"], "continuous_covariate_keys": ["age"]}
    model = fitted(adata, setup=setup, n_categories=3)
    assert model.module.encoder.hidden[0][0].weight.shape[1] == 29 + 2 + 3 + 1
    model.view_anndata_setup()
    assert "batch" in capsys.readouterr().out


def test_dense_sparse_layer_and_integer_cells_give_the_same_types(fitted):
    def types(change) -> list[str]:
        adata = simulate_types_and_states([60, 40, 20], n_genes=60)
        layer = change(adata)
        return fitted(adata, setup={"layer": layer}).get_cell_types().to_list()

    def dense(adata):
        adata.X = adata.X.toarray()

    def csc(adata):
        adata.X = adata.X.tocsc()

    def integers(adata):
        adata.X = adata.X.astype(np.int32)

    def layered(adata):
        adata.layers["counts"], adata.X = adata.X.copy(), None
        return "counts"

    expected = types(lambda adata: None)
    for change in (dense, csc, integers, layered):
        assert types(change) == expected


def test_the_summary_says_what_was_chosen(trained):
    assert "2 arms, 3 types, 2 state dimensions, likelihood nb, augmenter thinning" in trained._model_summary_string


def test_real_cells(data_dir, fitted):
    import scanpy as sc

    adata = sc.read_h5ad(data_dir / "zeisel2015_mini.h5ad")
    model = fitted(adata, max_epochs=None)
    known = adata.obs["class"].astype(str) != "(none)"
    assert adjusted_rand_score(adata.obs["class"][known], model.get_cell_types()[known]) > 0.3


def test_a_warning_when_most_starting_types_are_lost(small, fitted, caplog):
    """Two arms that must find the same, without any share to hold, and with so much weight that nothing else counts."""
    adata = small
    adata.obs["six"] = np.arange(adata.n_obs) % 6  # types that are not there
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=6, coupling="mutual_information", coupling_kwargs={"marginal_weight": 0.0})
    model.train(start="six", max_epochs=20, enable_progress_bar=False)
    assert len(model.type_names) < 3
    assert f"Only {len(model.type_names)} of the 6 types that training started from" in caplog.text
