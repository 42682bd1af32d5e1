import numpy as np
import pytest
import torch

from mixvi import JointVI
from mixvi.bench.tables.dependence import run_dependence
from mixvi.bench.tables.measures import category_probabilities, generation, state_mixture_accuracy
from mixvi.metrics import matched_accuracy


def test_probabilities_are_of_all_arms_and_categories(trained):
    probabilities = category_probabilities(trained)
    assert probabilities.shape == (2, 120, trained.module.n_categories)
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=1e-6)
    kinds = trained.get_cell_types().astype(int).to_numpy()
    consensus = trained.type_order_[kinds]
    assert matched_accuracy(consensus.astype(str), probabilities[0].argmax(1).astype(str)) > 0.9


def test_types_in_the_state_are_found_by_a_mixture():
    rng = np.random.default_rng(0)
    labels = np.repeat(["a", "b", "c"], 100)
    apart = rng.normal(size=(300, 2)) + np.repeat([[0, 0], [9, 0], [0, 9]], 100, axis=0)
    assert state_mixture_accuracy(apart, labels, 0) == 1
    assert state_mixture_accuracy(rng.normal(size=(300, 2)), labels, 0) < 0.6


def test_what_generates_at_random_is_right_by_chance(small):
    JointVI.setup_anndata(small)
    model = JointVI(small, n_categories=2)
    model.train(max_steps=1, enable_progress_bar=False)
    with torch.no_grad():  # a decoder that does not look at the type, and an encoder that sees one type
        model.module.decoder.layers[0].weight[:, -2:] = 0
        model.module.decoder.layers[0].weight[:, :2] = 0
        model.module.encoder.category.weight.zero_()
        model.module.encoder.category.bias.copy_(torch.tensor([5.0, 0.0]))
    model.type_order_ = np.array([0, 1])
    assert generation(model) == {"generation": 50.0, "draws": 1.0}


def test_angles_and_widths_of_digits():
    found = run_dependence("digits")
    assert found["labels"].tolist() == list("0123456789")
    assert found["width"][1, 0] == found["width"][:, 0].min()  # a one is the slimmest digit
    assert 0.1 < found["width_explained"] < 1
    with pytest.raises(ValueError, match="no images"):
        run_dependence("pbmc68k_reduced")
