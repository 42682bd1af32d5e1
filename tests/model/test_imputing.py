import numpy as np
import pytest
import torch
from scipy import sparse

from mixvi.model.imputing import check_missing, impute, some
from mixvi.nn import ExpressionProjection


@pytest.fixture
def projection():
    """Of counts of four genes; the last one is hardly looked at."""
    projection = ExpressionProjection(4, 1, counts=True)
    projection.location.copy_(torch.tensor([0.4, 0.3, 0.2, 0.1]))
    projection.loadings.copy_(torch.tensor([[2.0], [2.0], [1.0], [0.5]]))  # of 9.25 in squares
    return projection


def test_counts_by_hand(projection):
    # the second gene is expected to have 3/10 of all, the measured ones 7/10
    present = np.array([True, False, True, True])
    imputed = impute(np.array([[7.0, 0, 0], [2, 8, 4]]), present, projection)
    np.testing.assert_allclose(imputed, [[7, 3, 0, 0], [2, 6, 8, 4]])
    as_sparse = impute(sparse.csr_matrix([[7.0, 0, 0], [2, 8, 4]]), present, projection)
    assert as_sparse.format == "csr"
    np.testing.assert_allclose(as_sparse.toarray(), imputed)


def test_imputed_genes_contribute_nothing(projection):
    present = np.array([True, False, True, False])
    x = torch.as_tensor(impute(np.array([[7.0, 1], [2, 8]]), present, projection))
    residuals = projection.residuals(x)
    np.testing.assert_allclose(residuals[:, ~present], 0, atol=1e-6)
    assert (residuals[:, present].abs() > 0.01).all()


def test_other_values_get_their_mean(projection):
    projection.counts = False
    imputed = impute(np.array([[5.0, 6, 7]]), np.array([False, True, True, True]), projection)
    np.testing.assert_allclose(imputed, [[0.4, 5, 6, 7]])


def test_the_limit_is_on_what_is_looked_at(projection):
    genes = np.array(["a", "b", "c", "d"])
    with pytest.warns(UserWarning, match="2 of the model's 4 genes are missing from adata: c, d. They are 13.5%"):
        check_missing(genes, np.array([True, True, False, False]), projection)
    with pytest.raises(ValueError, match="1 of the model's 4 .*: a. They are 43% .* at most 20%"):
        check_missing(genes, np.array([False, True, True, True]), projection)
    with pytest.raises(ValueError, match="all of them are needed"):
        check_missing(genes, np.array([True, True, False, True]), None)
    check_missing(genes, np.ones(4, bool), None)


def test_five_names_at_most():
    assert some(list("abcdef")) == "a, b, c, d, e, …"
