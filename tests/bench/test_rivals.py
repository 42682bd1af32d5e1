import dataclasses

import numpy as np
import pytest

from mixvi.bench.representations import log_pcs, pearson_pcs, scvi_latent
from mixvi.bench.rivals import RESOLUTIONS, run_rivals
from mixvi.metrics import matched_accuracy


@pytest.mark.parametrize("representation", ["log_pcs", "pearson_pcs"])
def test_planted_types_are_found(cells, representation):
    outcome = run_rivals(cells, 0, representation)
    truth = cells.adata.obs["type"]
    assert matched_accuracy(truth, outcome.found["kmeans"].types) > 0.95
    assert max(matched_accuracy(truth, outcome.found[name].types) for name in outcome.candidates) > 0.95
    n_types = [len(np.unique(outcome.found[name].types)) for name in outcome.candidates]
    assert n_types[0] < n_types[-1]
    assert len(outcome.candidates) == len(RESOLUTIONS)


@pytest.mark.parametrize("representation", [log_pcs, pearson_pcs])
def test_representations_leave_the_cells_alone_and_repeat(cells, representation):
    before, obs = cells.adata.X.copy(), list(cells.adata.obs)
    np.testing.assert_array_equal(representation(cells, 0), representation(cells, 0))
    assert (cells.adata.X != before).nnz == 0
    assert list(cells.adata.obs) == obs


@pytest.mark.parametrize("representation", [log_pcs, pearson_pcs, scvi_latent])
def test_values_that_are_not_counts_are_refused(cells, representation):
    adata = cells.adata.copy()
    adata.X = adata.X * 0.5
    with pytest.raises(ValueError, match="toy are not counts"):
        representation(dataclasses.replace(cells, adata=adata), 0)
