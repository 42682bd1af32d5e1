import torch
from hypothesis import given
from hypothesis import strategies as st

from mixvi.augment.rows import SparseRows


@given(st.integers(0, 1000), st.integers(1, 8), st.integers(1, 6), st.integers(0, 12))
def test_rows_are_those_of_the_matrix(seed, n_rows, n_columns, n_taken):
    torch.manual_seed(seed)
    x = torch.poisson(torch.full((n_rows, n_columns), 0.6))
    rows = SparseRows()
    rows.store(x)
    index = torch.randint(n_rows, (n_taken,))
    assert torch.equal(rows.take(index), x[index])
    assert len(rows.values) == (x != 0).sum()
