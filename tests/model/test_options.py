import numpy as np
import pytest

from mixvi import CplMixVI


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_categories": 1}, "n_categories=1 must be at least 2 and at most the number of cells, 120"),
        ({"n_categories": 121}, "at most the number of cells"),
        ({"n_arms": 0}, "n_arms=0 must be a whole number, at least 1"),
        ({"n_state": 0}, "n_state=0 must be a whole number"),
        ({"likelihood": "poisson"}, "Choose one of nb, zinb, normal"),
        ({"coupling": "euclid"}, "Choose one of aitchison, mutual_information"),
        ({"coupling_weight": -1.0}, "coupling_weight=-1.0 must be between 0"),
        ({"augmenter": "noise"}, "Choose one of thinning, gene_split, neighbours, vaegan, affine, none"),
        ({"augmenter": "vaegan+neighbours"}, "'vaegan' stands alone"),
        ({"augmenter": "thinning", "likelihood": "normal"}, "'thinning' is for counts"),
        ({"augmenter": "gene_split"}, "'gene_split' is for values that are not counts"),
        ({"augmenter": "affine"}, "'affine' is for images"),
        ({"augmenter": "neighbours+thinning"}, "has to come first"),
        ({"likelihood": "bernoulli"}, r"values in \[0, 1\], not from 0 to"),
        ({"n_arms": 2.0}, "n_arms=2.0 must be a whole number"),
        ({"temperature": 0.0}, "temperature=0.0 must be above 0"),
    ],
)
def test_options_out_of_range(options, message, small):
    CplMixVI.setup_anndata(small)
    with pytest.raises(ValueError, match=message):
        CplMixVI(small, **options)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_epochs": 0}, ValueError, "max_epochs=0 must be a whole number, at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size=0 must be a whole number, at least 1"),
        ({"train_size": 1.5}, ValueError, "train_size=1.5"),
        ({"start": "leiden"}, KeyError, "neither 'auto' nor 'random' nor a column"),
        ({"start": "one"}, ValueError, "must name 2 to"),
    ],
)
def test_arguments_of_train_out_of_range(arguments, error, message, small):
    small.obs["one"] = "same"
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small)
    with pytest.raises(error, match=message):
        model.train(**arguments)
    assert not model.is_trained_


def test_identical_cells(small):
    small.X = np.ones(small.shape, np.float32)
    CplMixVI.setup_anndata(small)
    with pytest.raises(ValueError, match="All cells have the same expression"):
        CplMixVI(small).train(max_epochs=1)


def test_a_refused_training_leaves_the_model_as_it_was(small):
    small.obs["half"] = ["a", "b"] * 60
    CplMixVI.setup_anndata(small)
    model = CplMixVI(small)
    before, bound = str(model), model.module.n_categories
    with pytest.raises(TypeError):
        model.train(start="half", plan_kwargs={"learning_rate": 1.0})
    assert model.module.n_categories == bound
    assert model.init_params_["non_kwargs"]["n_categories"] == bound
    assert str(model) == before


def test_more_components_than_cells_are_not_asked_for(small, fitted):
    assert fitted(small, n_components=500, max_epochs=1).module.projection.n_components == small.n_vars - 1
