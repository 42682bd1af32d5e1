"""Hidden layers that are run twice: as they are, and with noise."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn


class NoisyLayers(nn.Module):
    """Linear, layer normalisation and ReLU, again and again, with dropout after each layer if noise is asked for.

    Noise is an argument, not the mode of the module: a clean and a noisy branch are needed in the same step.

    Parameters
    ----------
    n_in
        Input features.
    widths
        Widths of the layers.
    dropout_rate
        Probability of dropping a hidden unit in the noisy branch.
    """

    def __init__(self, n_in: int, widths: Sequence[int], dropout_rate: float):
        super().__init__()
        self.dropout_rate, self.n_out = dropout_rate, widths[-1]
        sizes = zip([n_in, *widths], widths, strict=False)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(before, after), nn.LayerNorm(after), nn.ReLU()) for before, after in sizes
        )

    def forward(self, x: Tensor, noisy: bool = False) -> Tensor:
        """Hidden units, ``(cells, n_in) -> (cells, widths[-1])``."""
        for layer in self.layers:
            x = F.dropout(layer(x), self.dropout_rate, training=noisy)
        return x
