import numpy as np
import pytest


def test_shares_of_one_library(trained):
    expression = trained.get_normalized_expression()
    assert expression.shape == trained.adata.shape
    assert list(expression.columns) == list(trained.adata.var_names)
    assert list(expression.index) == list(trained.adata.obs_names)
    np.testing.assert_allclose(expression.sum(1), 1, rtol=1e-4)
    np.testing.assert_allclose(trained.get_normalized_expression(library_size=50), 50 * expression, rtol=1e-4)


def test_depth_plays_no_part_and_noise_is_gone(trained):
    adata = trained.adata
    kind = trained.get_cell_types()
    own = (kind == "0").to_numpy()
    counts = adata.X.toarray()[own]
    observed = counts / counts.sum(1, keepdims=True)
    decoded = trained.get_normalized_expression(n_samples=10).to_numpy()[own]
    np.testing.assert_allclose(decoded.mean(0), observed.mean(0), atol=0.01)
    assert decoded.std(0).mean() < 0.5 * observed.std(0).mean()


def test_samples_genes_and_cells(trained):
    samples = trained.get_normalized_expression(
        indices=[5, 3], gene_list=["gene7", "gene1"], n_samples=3, return_mean=False
    )
    assert samples.shape == (3, 2, 2)
    mean = trained.get_normalized_expression(indices=[5, 3], gene_list=["gene7", "gene1"], n_samples=3)
    np.testing.assert_allclose(mean, samples.mean(0), rtol=1e-5)
    assert list(mean.columns) == ["gene7", "gene1"]
    assert list(mean.index) == list(trained.adata.obs_names[[5, 3]])
    chosen = np.isin(np.arange(120), [3, 5])
    assert list(trained.get_normalized_expression(indices=chosen).index) == list(trained.adata.obs_names[[3, 5]])


def test_cells_decoded_as_if_from_another_batch(active):
    adata = active.adata
    zero, one = (active.get_normalized_expression(transform_batch=batch, n_samples=5) for batch in ("0", "1"))
    own = active.get_normalized_expression(n_samples=5)
    first = (adata.obs["batch"] == "0").to_numpy()
    np.testing.assert_allclose(own[first], zero[first], rtol=1e-4)
    np.testing.assert_allclose(own[~first], one[~first], rtol=1e-4)
    x = adata.X.toarray()
    shares = [x[rows].sum(0) / x[rows].sum() for rows in (first, ~first)]
    shift = np.log(one.mean()) - np.log(zero.mean())
    assert np.corrcoef(shift, np.log(shares[1] / shares[0]))[0, 1] > 0.9


def test_bad_arguments(trained, active):
    with pytest.raises(ValueError, match="n_samples=0 must be a whole number, at least 1"):
        trained.get_normalized_expression(n_samples=0)
    with pytest.raises(KeyError, match="does not have Fos"):
        trained.get_normalized_expression(gene_list=["Fos"])
    with pytest.raises(ValueError, match="not seen a batch '7'. It knows 0, 1"):
        active.get_normalized_expression(transform_batch="7")


def test_population_samples_come_from_all_of_its_cells_and_arms(trained):
    with trained._ready(None) as cells:
        samples = trained._sample_population(cells, np.arange(120), None, 3000)
    assert samples.shape == (3000, trained.adata.n_vars)
    expected = trained.get_normalized_expression(n_samples=20).mean()
    np.testing.assert_allclose(samples.mean(0), expected, atol=0.01)
    assert len(np.unique(samples.round(7), axis=0)) == 3000
