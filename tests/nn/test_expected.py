import pytest
import torch

from mixvi.nn import HEADS, ExpressionProjection, project_expected
from mixvi.nn.expected import CELLS_AT_ONCE


@pytest.mark.parametrize("likelihood", ["nb", "zinb", "normal"])
@pytest.mark.parametrize("shared", [True, False])
def test_expectations_are_projected_as_plainly(likelihood, shared):
    torch.manual_seed(0)
    head = HEADS[likelihood](3, 8, 40, shared)
    x = torch.poisson(5 * torch.rand(300, 40))
    projection = ExpressionProjection(40, 10, counts=head.counts)
    projection.fit(x)
    projection.loadings[:, 6:] = 0
    head.start_at(projection.location, projection.scale)
    n_cells = CELLS_AT_ONCE + 20
    h, total = 2 * torch.randn(3, n_cells, 8), 200 * torch.rand(n_cells, 1)
    with torch.no_grad():
        plain = projection(head.mean(h, total)).mean(0)
        torch.testing.assert_close(project_expected(projection, head, h, total), plain, rtol=1e-5, atol=1e-5)
    assert plain.std() > 0.1
