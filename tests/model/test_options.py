import pytest

from mixvi import CplMixVI


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_categories": 1}, "n_categories=1 must be at least 2 and at most the number of cells, 120"),
        ({"n_categories": 121}, "at most the number of cells"),
        ({"n_arms": 0}, "n_arms=0 must be at least 1"),
        ({"n_state": 0}, "n_state=0 must be at least 1"),
        ({"likelihood": "poisson"}, "Choose one of nb, zinb, normal"),
        ({"coupling": "euclid"}, "Choose one of aitchison, mutual_information"),
        ({"coupling_weight": -1.0}, "must not be negative"),
        ({"augmenter": "noise"}, "Choose one of thinning, gene_split, none"),
        ({"augmenter": "thinning", "likelihood": "normal"}, "thinning.*counts"),
    ],
)
def test_options_out_of_range(options, message, small):
    CplMixVI.setup_anndata(small)
    with pytest.raises(ValueError, match=message):
        CplMixVI(small, **options)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"max_epochs": 0}, ValueError, "max_epochs=0 must be at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size=0 must be at least 1"),
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
