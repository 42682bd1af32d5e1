"""What is read from the summary of a cell, in models with a single arm."""

from torch import Tensor, nn

from mixvi.nn.convolution import ConvolutionalEncoder
from mixvi.nn.dense import DenseEncoder
from mixvi.nn.mixture import LOG_VAR_RANGE


class SummaryEncoder(nn.Module):
    """``q(c|x)`` and ``q(s|x)``, independent given the cell.

    Parameters
    ----------
    trunk
        Summarises cells, from ``(cells, n_in)`` and ``(cells, n_covariates)`` to ``(cells, trunk.n_out)``.
    n_state
        Dimensions of the state.
    n_categories
        Categories; 0 if the category is not read from the summary.
    """

    def __init__(self, trunk: DenseEncoder | ConvolutionalEncoder, n_state: int, n_categories: int = 0):
        super().__init__()
        self.trunk = trunk
        self.state = nn.Linear(trunk.n_out, 2 * n_state)
        self.category = nn.Linear(trunk.n_out, n_categories) if n_categories else None

    def summarise(self, x: Tensor, covariates: Tensor) -> Tensor:
        """The summary, ``(cells, n_in), (cells, n_covariates) -> (cells, n_hidden)``."""
        return self.trunk(x, covariates)

    def infer_category(self, h: Tensor) -> Tensor:
        """``log q(c|x)``, ``(..., n_hidden) -> (..., categories)``."""
        return self.category(h).log_softmax(-1)  # type: ignore[misc]  # None where it is not asked for

    def infer_state(self, h: Tensor, c: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of ``q(s|x)``, each ``(..., n_state)``, whatever the category ``c``."""
        mean, log_var = self.state(h).chunk(2, -1)
        return mean, log_var.clamp(*LOG_VAR_RANGE)
