import numpy as np
import pytest
import torch

from mixvi import CplMixVI
from mixvi.datasets import simulate_types_and_states
from mixvi.metrics import match_clusters

SETUP = {"batch_key": "batch", "continuous_covariate_keys": ["age"]}


def three_batches():
    cells = simulate_types_and_states([150, 120, 90], n_genes=80, n_batches=3, batch_effect=1.0, seed=2)
    cells.obs["age"] = np.linspace(0, 1, cells.n_obs)
    return cells


def part(of_new):
    """Cells of the new batch, or of the known ones."""
    cells = three_batches()
    return cells[(cells.obs["batch"] == "2") == of_new].copy()


@pytest.fixture(scope="module")
def reference(fitted):
    return fitted(part(of_new=False), setup=SETUP, n_categories=3, max_epochs=60)


@pytest.fixture(scope="module")
def query(reference):
    model = CplMixVI.load_query_data(part(of_new=True), reference)
    model.train(max_epochs=60, enable_progress_bar=False)
    return model


def accuracy(reference, types, labels):
    label_of = match_clusters(reference.adata.obs["type"], reference.get_cell_types())
    return np.mean(types.astype(str).map(label_of).to_numpy() == labels.astype(str).to_numpy())


def test_types_of_the_new_batch(reference, query):
    new = part(of_new=True)
    with pytest.warns(UserWarning, match="has not seen"):
        before = accuracy(reference, reference.get_cell_types(new), new.obs["type"])
    unexplained = new.obs["cpl_outlier"].mean()
    after = accuracy(reference, query.get_cell_types(), query.adata.obs["type"])
    assert after > 0.95
    assert after >= before
    assert query.adata.obs["cpl_outlier"].mean() < unexplained / 2


def test_cells_of_known_batches_are_left_where_they_are(reference, query):
    known = part(of_new=False)
    expected, probability = reference.get_cell_types(known.copy()), reference.get_type_probabilities(known.copy())
    assert query.type_names == reference.type_names
    assert query.get_cell_types(known.copy()).equals(expected)
    np.testing.assert_array_equal(query.get_type_probabilities(known.copy()), probability)
    np.testing.assert_array_equal(query.get_states(known.copy()), reference.get_states(known.copy()))


def test_only_the_new_batch_is_learned(reference, query):
    before = reference.module.state_dict()
    after = {name.replace(".layer.", "."): value for name, value in query.module.state_dict().items()}
    new = {"encoder.hidden.0.0.new", "decoder.hidden.0.new"}
    assert set(after) - set(before) == new
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert all((after[name] != 0).any() for name in new)


def test_before_training_a_new_batch_is_an_average_one(reference):
    new = part(of_new=True)
    query = CplMixVI.load_query_data(new, reference)
    with pytest.warns(UserWarning, match="average batch"):
        expected = reference.get_type_probabilities(part(of_new=True))
    np.testing.assert_array_equal(query.get_type_probabilities(), expected)


def test_saved_and_loaded(reference, query, tmp_path):
    reference.save(tmp_path / "reference")
    again = CplMixVI.load_query_data(part(of_new=True), tmp_path / "reference")
    again.train(max_epochs=60, enable_progress_bar=False)
    expected = query.get_type_probabilities()
    np.testing.assert_array_equal(again.get_type_probabilities(), expected)
    query.save(tmp_path / "query")
    loaded = CplMixVI.load(tmp_path / "query", adata=False)
    new = part(of_new=True)
    np.testing.assert_array_equal(loaded.get_type_probabilities(new), expected)
    assert loaded.get_cell_types(new).equals(query.get_cell_types())
    other = part(of_new=True)
    other.obs["batch"] = "3"
    with pytest.warns(UserWarning, match=r"has 3, which the model has not seen \(it knows 0, 1, 2\)"):
        loaded.get_cell_types(other)


def test_a_reference_of_one_batch_and_a_few_new_cells(fitted):
    cells = three_batches()
    model = fitted(cells[cells.obs["batch"] == "0"].copy(), setup={"batch_key": "batch"}, n_categories=12)
    few = cells[cells.obs["batch"] != "0"][:9].copy()
    query = CplMixVI.load_query_data(few, model)
    query.train(max_epochs=2, enable_progress_bar=False)
    assert query.module.covariates.n_query_batches == 2
    first = cells[cells.obs["batch"] == "0"].copy()
    assert query.get_cell_types(first).equals(model.get_cell_types(first.copy()))
    assert len(query.get_cell_types()) == 9


def test_bad_queries_leave_the_cells_alone(reference, query, fitted):
    def refused(error, match, change=lambda cells: cells, model=reference):
        cells = change(part(of_new=True))
        before = set(cells.obs), set(cells.uns), set(cells.obsm)
        with pytest.raises(error, match=match):
            CplMixVI.load_query_data(cells, model)
        assert (set(cells.obs), set(cells.uns), set(cells.obsm)) == before

    def with_obs(**columns):
        def change(cells):
            cells.obs = cells.obs.assign(**columns)
            return cells

        return change

    def without_age(cells):
        del cells.obs["age"]
        return cells

    def log(cells):
        cells.X = cells.X.log1p()
        return cells

    refused(ValueError, "All batches in adata.obs\\['batch'\\] are known", with_obs(batch="0"))
    refused(ValueError, "mixes text and numbers", with_obs(batch=7))
    refused(ValueError, "2 of the model's 80 genes are missing", lambda cells: cells[:, 2:].copy())
    refused(ValueError, r"Pass adata\[:, reference_model.genes_\]", lambda cells: cells[:, ::-1].copy())
    refused(ValueError, "needs counts", log)
    refused(KeyError, "'age' is not a column", without_age)
    refused(ValueError, "itself made by load_query_data", model=query)
    refused(ValueError, "set up without batch_key", model=fitted(part(of_new=False), n_categories=3, max_epochs=1))
    untrained = part(of_new=False)
    CplMixVI.setup_anndata(untrained, **SETUP)
    refused(RuntimeError, "The reference is untrained", model=CplMixVI(untrained))


def test_types_of_a_query_cannot_be_dropped(query):
    with pytest.raises(ValueError, match="Types of a reference stay"):
        query.module.keep_categories(torch.tensor([0, 1]))
    assert query.module.n_categories == 3
