"""The papers' baselines from end to end, on small counts and images."""

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from sklearn.metrics import adjusted_rand_score

from mixvi import CascadeVI, InfoGANVI, JointVI, VaDEVI
from mixvi.datasets import dsprites_rendered, load, simulate_types_and_states
from mixvi.images import to_anndata
from mixvi.pl import image_traversal

MODELS = {"joint": JointVI, "cascade": CascadeVI, "infogan": InfoGANVI, "vade": VaDEVI}
QUIET = {"enable_progress_bar": False}


def small_cells():
    return simulate_types_and_states([60, 40, 20], n_genes=60, n_batches=2)


def train(cls, adata, max_steps=6, training=None, setup=None, **kwargs):
    cls.setup_anndata(adata, **(setup or {}))
    model = cls(adata, **{"n_categories": 3} | kwargs)
    model.train(max_steps=max_steps, **QUIET | (training or {}))
    return model


@pytest.fixture(scope="module", params=MODELS)
def trained(request):
    """Each model on counts of 3 types in 2 batches, trained for a few steps, for tests that only look."""
    return train(MODELS[request.param], small_cells(), setup={"batch_key": "batch"})


def generate(model, category, n, **kwargs):
    """Cells of a type; after a few steps VaDE is sure of nothing."""
    return model.generate(category, n, **kwargs | ({"threshold": 0.0} if isinstance(model, VaDEVI) else {}))


def test_verbs(trained):
    prefix, adata = trained._key_prefix, trained.adata
    types = trained.get_cell_types()
    assert set(types) <= set(trained.type_names)
    assert {f"{prefix}_type", f"{prefix}_confidence", f"{prefix}_agreement"} <= set(adata.obs)
    assert (adata.obs[f"{prefix}_agreement"] == 1).all()  # of one arm with itself
    probabilities = trained.get_type_probabilities()
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    assert probabilities.to_numpy().argmax(1).tolist() == [int(name) for name in types]
    assert trained.get_states().shape == (120, trained.module.n_state)
    assert len(trained.get_latent_representation()) == 120
    assert trained.get_state_divergences().shape == (trained.module.n_state,)
    new = small_cells()[:7].copy()
    assert trained.get_cell_types(new).tolist() == types[:7].tolist()


def test_states_are_traversed(trained):
    adata, prefix = trained.adata, trained._key_prefix
    curves = trained.traverse_state(n_steps=3, n_cells=10)
    n_state, types = trained.module.n_state, adata.uns[f"{prefix}_traversal"]["types"]
    assert adata.uns[f"{prefix}_traversal"]["expression"].shape == (len(types), n_state, 3, 60)
    assert len(curves) == len(types) * n_state * 3 * 60
    assert f"{prefix}_state0_low" in adata.layers
    # the curves are those of cells of the type that are generated in the same states
    first = adata.obs_names[trained.get_cell_types() == types[0]][0]
    states = trained.get_states()
    one = trained.traverse_state(adata[[first]].copy(), dim=1, n_steps=3, library_size=100.0)
    state = np.tile(states[adata.obs_names.get_loc(first)], (3, 1))
    state[:, 1] = one["state"].unique()[0]
    expected = trained.module.expected(*decoder_inputs(trained, first, state), library_size=100.0)[0]
    np.testing.assert_allclose(one["expression"].to_numpy().reshape(3, 60), expected.detach(), rtol=1e-4)


def test_expected_expression_has_one_library_size(trained):
    expression = trained.get_normalized_expression(indices=[3, 90], library_size=100.0)
    np.testing.assert_allclose(expression.sum(1), 100, rtol=1e-4)
    assert expression.shape == (2, 60)


def decoder_inputs(model, name, state):
    """Category, states and covariates of three times the same cell."""
    category = int(model.type_order_[int(model.adata.obs[f"{model._key_prefix}_type"][name])])
    c = torch.nn.functional.one_hot(torch.full((1, 3), category), model.module.n_categories).float()
    batch = torch.tensor([[int(model.adata.obs["_scvi_batch"][name])]] * 3)
    covariates = model.module.covariates({"batch": batch})
    return c, torch.as_tensor(state)[None], covariates


@pytest.mark.parametrize("name", MODELS)
def test_traversals_of_images_are_drawn(name):
    digits = train(MODELS[name], load("digits")[:60].copy(), 2)
    digits.traverse_state(n_cells=1, n_steps=3, layers=False)
    axes = image_traversal(digits.adata, dims=[0, 1], key=f"{digits._key_prefix}_traversal")
    assert [ax.get_title() for ax in axes] == ["dimension 0", "dimension 1"]
    assert axes[0].images[0].get_array().shape[1] == 3 * 9  # three images and the lines between them
    plt.close("all")


def test_bounds(trained):
    if isinstance(trained, InfoGANVI):
        for verb in (trained.get_elbo, trained.get_reconstruction_error):
            with pytest.raises(NotImplementedError, match="InfoGAN"):
                verb()
    else:
        assert float(trained.get_elbo()) < -float(trained.get_reconstruction_error()["reconstruction_loss"]) < 0


def test_generation(trained):
    name, prefix = trained.type_names[-1], trained._key_prefix
    cells = generate(trained, name, 5)
    assert cells.shape == (5, 60)
    assert cells.var_names.tolist() == trained.adata.var_names.tolist()
    assert (cells.X == np.round(cells.X)).all()  # counts
    assert (cells.obs[f"{prefix}_requested"] == name).all()
    depth = np.asarray(trained.adata.X.sum(1))
    assert depth.min() / 3 < cells.X.sum(1).mean() < depth.max() * 3
    np.testing.assert_array_equal(cells.X, generate(trained, name, 5).X)
    assert not np.array_equal(cells.X, generate(trained, name, 5, seed=1).X)


def test_generation_from_given_states(trained):
    n_state, prefix = trained.module.n_state, trained._key_prefix
    state = np.linspace(-1, 1, 4 * n_state).reshape(4, n_state)
    cells = generate(trained, "0", 4, state=state)
    np.testing.assert_allclose(cells.obsm[f"X_{prefix}_state"], state, rtol=1e-6)
    for wrong in (np.zeros(n_state + 1), np.zeros((3, n_state))):
        with pytest.raises(ValueError, match="state must have shape"):
            generate(trained, "0", 4, state=wrong)
    with pytest.raises(ValueError, match="not a type"):
        generate(trained, "none", 4)


def test_save_load_and_go_on(trained, tmp_path):
    trained.save(tmp_path / "model")
    cls = type(trained)
    loaded = cls.load(tmp_path / "model", adata=small_cells())
    assert str(loaded._model_summary_string) == str(trained._model_summary_string)
    np.testing.assert_array_equal(loaded.get_type_probabilities(), trained.get_type_probabilities())
    np.testing.assert_array_equal(loaded.get_states(), trained.get_states())
    np.testing.assert_array_equal(generate(loaded, "0", 3).X, generate(trained, "0", 3).X)
    loaded.train(max_epochs=1, **QUIET)
    assert loaded.n_trainings_ == 2
    without = cls.load(tmp_path / "model", adata=False)
    assert without.get_cell_types(small_cells()).tolist() == trained.get_cell_types().tolist()


@pytest.mark.parametrize("name", MODELS)
def test_the_same_seed_gives_the_same_bits(name):
    first, again, other = (train(MODELS[name], small_cells(), 3, seed=seed).module.state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", MODELS)
def test_log_normalised_values(name, log_normalised):
    model = train(MODELS[name], log_normalised(small_cells()), 3)
    assert "likelihood normal" in model._model_summary_string
    assert np.isfinite(generate(model, "0", 2).X).all()


@pytest.mark.parametrize("name", MODELS)
def test_images_of_two_sizes(name):
    digits = train(MODELS[name], load("digits")[:100].copy(), 2)
    assert "dense network" in digits._model_summary_string
    larger = to_anndata(np.random.default_rng(0).random((40, 18, 20, 3)))
    larger = train(MODELS[name], larger, 2)
    assert ("convolutional network" in larger._model_summary_string) == (name != "vade")
    cells = generate(larger, "0", 3)
    assert cells.uns["mixvi"]["image_shape"].tolist() == [18, 20, 3]
    assert 0 <= cells.X.min() <= cells.X.max() <= 1
    assert set(np.unique(generate(digits, "0", 3, noise=True).X)) <= {0, 1}


@pytest.mark.parametrize("name", ["joint", "cascade", "vade"])
def test_planted_types_are_recovered(name):
    adata = simulate_types_and_states([100, 60, 40], n_genes=100)
    settings = {
        "joint": {"plan_kwargs": {"capacity_weight": 10.0, "state_capacity": (0, 5)}},
        "cascade": {"batch_size": 64, "plan_kwargs": {"lr": 3e-3}},
        "vade": {"pretraining_epochs": 30, "batch_size": 64},
    }
    model = train(MODELS[name], adata, {"joint": 200, "cascade": 150, "vade": 40}[name], settings[name])
    assert adjusted_rand_score(adata.obs["type"], model.get_cell_types()) > 0.9


def test_vade_starts_from_a_mixture_of_its_auto_encoder():
    model = train(VaDEVI, small_cells(), 6)
    assert len(model.pretraining_history_["train_loss"]) == 6  # a training as short as this
    assert len(model.history["train_loss"]) == 6
    prior = model.module.encoder.prior
    assert not torch.equal(prior.logits, torch.zeros(3))


def test_vade_generates_cells_that_are_sure():
    model = train(VaDEVI, simulate_types_and_states([100, 60, 40], n_genes=100), 20, {"pretraining_epochs": 20})
    prior = model.module.encoder.prior
    category = model.type_order_[0]
    cells = model.generate("0", 50, threshold=0.9)
    s = torch.as_tensor(cells.obsm["X_vade_state"])
    c = torch.nn.functional.one_hot(torch.full((50,), int(category)), 3).float()
    log_p = model.module.encoder.category_of(model.module.encoder.to_latent(s, c))
    assert log_p[:, category].exp().min() > 0.9
    with pytest.raises(ValueError, match="threshold=1"):
        model.generate("0", 1, threshold=1)
    with torch.no_grad():
        prior.means.fill_(0)
        prior.log_vars.fill_(0)
        prior.logits.fill_(0)
    with pytest.raises(ValueError, match="Lower the threshold"):
        model.generate("0", 1, threshold=0.999)


def test_models_are_trained_on_copies_if_wanted():
    model = train(JointVI, dsprites_rendered(40), 2, augmenter="affine")
    assert model.augment().shape == (40, 4096)
    with pytest.raises(ValueError, match="is for images"):
        train(CascadeVI, small_cells(), augmenter="affine")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"network": "deep"}, "'dense' or 'convolutional'"),
        ({"network": "convolutional"}, "is for images"),
        ({"n_categories": 1}, "at least 2"),
        ({"n_state": 0}, "n_state=0"),
        ({"likelihood": "poisson"}, "unknown"),
    ],
)
def test_arguments_out_of_their_range(arguments, message):
    adata = small_cells()
    JointVI.setup_anndata(adata)
    with pytest.raises(ValueError, match=message):
        JointVI(adata, **arguments)


def test_training_out_of_its_range_and_untrained():
    adata = small_cells()
    JointVI.setup_anndata(adata)
    model = JointVI(adata, n_categories=3)
    with pytest.raises(RuntimeError, match=r"train\(\) first"):
        model.generate("0", 1)
    for wrong in ({"max_steps": 0}, {"max_steps": 5, "max_epochs": 1}):
        with pytest.raises(ValueError, match="max_steps"):
            model.train(**wrong)


@pytest.mark.parametrize("name", MODELS)
def test_a_failed_training_leaves_the_model_as_it_was(name):
    model = train(MODELS[name], small_cells(), 2)
    before = {key: value.clone() for key, value in model.module.state_dict().items()}
    with pytest.raises(FloatingPointError, match="as it was before"):
        model.train(max_epochs=4, plan_kwargs={"lr": 1e25}, **QUIET)
    after = model.module.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)
