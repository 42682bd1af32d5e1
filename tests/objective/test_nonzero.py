import torch
from hypothesis import given
from hypothesis import strategies as st

from mixvi.objective.nonzero import nonzero_positions


@given(st.lists(st.sampled_from([0.0, -0.0, 1.0, -2.5, float("nan")]), max_size=20))
def test_as_pytorch(values):
    values = torch.tensor(values)
    assert torch.equal(nonzero_positions(values), values.nonzero().squeeze(-1))
