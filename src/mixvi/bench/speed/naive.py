"""The papers' training step, written plainly: arm by arm, dense dropout, a learned augmenter, pairs in a loop.

Built from the description of cpl-mixVAE in its papers, with the widths and the loss of their experiments. It is there
to be timed, not to be used.
"""

from collections.abc import Callable
from itertools import combinations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from mixvi.bench.speed.size import Size

EPS = 1e-8
INPUT_DROPOUT, STATE_DROPOUT = 0.5, 0.2


def layers(*widths: int) -> nn.Sequential:
    """Linear layers, each with ReLU and batch normalisation."""
    each = [
        (nn.Linear(n_in, n_out), nn.ReLU(), nn.BatchNorm1d(n_out, affine=False))
        for n_in, n_out in zip(widths, widths[1:], strict=False)
    ]
    return nn.Sequential(*(layer for some in each for layer in some))


class Arm(nn.Module):
    """One autoencoding arm, ``x (cells, genes) -> q(c|x), s, reconstruction``."""

    def __init__(self, size: Size):
        super().__init__()
        width, depth = size.n_hidden, 4
        self.encoder = layers(size.n_genes, *[width] * depth, size.n_bottleneck)
        self.category = nn.Linear(size.n_bottleneck, size.n_categories)
        self.state = nn.Linear(size.n_bottleneck + size.n_categories, 2 * size.n_state)
        widths = [size.n_categories + size.n_state, size.n_bottleneck, *[width] * depth, size.n_genes]
        self.decoder = nn.Sequential(
            *(f for n, m in zip(widths, widths[1:], strict=False) for f in (nn.Linear(n, m), nn.ReLU()))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Probabilities of the categories, mean and log-variance of the state, reconstruction."""
        h = self.encoder(F.dropout(x, INPUT_DROPOUT))
        q = self.category(h).softmax(-1)
        c = F.gumbel_softmax((q + EPS).log(), tau=1.0)
        mean, log_var = self.state(torch.cat([h, c], 1)).chunk(2, 1)
        s = mean + torch.randn_like(mean) * (log_var / 2).exp()
        return q, mean, log_var, self.decoder(torch.cat([c, F.dropout(s, STATE_DROPOUT)], 1))


class Generator(nn.Module):
    """The learned augmenter: a copy from a cell and 50 random numbers."""

    N_NOISE, N_LATENT = 50, 10

    def __init__(self, n_genes: int):
        super().__init__()
        fifth, width = max(1, n_genes // 5), 100
        self.encoder = layers(n_genes, fifth, fifth, width, width)
        self.noise = nn.Sequential(
            nn.Linear(self.N_NOISE, self.N_NOISE), nn.BatchNorm1d(self.N_NOISE, affine=False), nn.ELU()
        )
        self.decoder = nn.Sequential(
            layers(width + self.N_NOISE, 20, self.N_LATENT, 20, width, width, fifth, fifth),
            nn.Linear(fifth, n_genes),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """A copy of each cell, ``(cells, genes)``."""
        noise = self.noise(torch.randn(len(x), self.N_NOISE, device=x.device))
        return self.decoder(torch.cat([self.encoder(x), noise], 1))


def loss_of_arms(copies: list[Tensor], outputs: list[tuple[Tensor, ...]]) -> Tensor:
    """Squared errors, KL of the states, and for every pair of arms the distance of their types and their entropies."""
    loss = 0.0
    for x, (_, mean, log_var, reconstruction) in zip(copies, outputs, strict=True):
        error = 0.5 * (x - reconstruction).square().sum(1).mean()
        kl = -0.5 * (1 + log_var - mean.square() - log_var.exp()).sum(1).mean()
        loss = loss + (len(outputs) - 1) * (error + kl)
    for (q_a, *_), (q_b, *_) in combinations(outputs, 2):
        log_a, log_b = (q_a + EPS).log() / (q_a.var(0) + EPS).sqrt(), (q_b + EPS).log() / (q_b.var(0) + EPS).sqrt()
        loss = loss + (log_a - log_b).square().sum(1).mean()
        loss = loss + sum((q * (q + EPS).log()).sum(1).mean() for q in (q_a, q_b))
    return loss


def naive_steps(x: Tensor, size: Size) -> Callable[[], None]:
    """What trains the arms for one step when it is called.

    Parameters
    ----------
    x
        Log-normalised cells, shape ``(cells, genes)``, on the device to train on.
    size
        Sizes of the model and the batches.

    Returns
    -------
    The step; it deals the cells into batches, epoch after epoch.
    """
    arms = nn.ModuleList(Arm(size) for _ in range(size.n_arms)).to(x.device)
    generator = Generator(size.n_genes).to(x.device).eval().requires_grad_(False)
    optimiser = torch.optim.Adam(arms.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x), size.batch_size, shuffle=True, drop_last=True)

    def batches():
        while True:
            yield from loader

    dealt = batches()

    def step() -> None:
        (cells,) = next(dealt)
        copies = [generator(cells) for _ in arms]
        optimiser.zero_grad()
        loss = loss_of_arms(copies, [arm(copy) for arm, copy in zip(arms, copies, strict=True)])
        loss.backward()
        optimiser.step()
        loss.item()  # for the history

    return step
