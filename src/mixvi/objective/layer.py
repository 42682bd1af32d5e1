"""The negative binomial of cells whose counts a layer shares out among genes: most of a training step's time."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TypeAlias

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mixvi.objective.coefficient import TABULATED, small_coefficients, small_slopes
from mixvi.objective.fused import compressed, negative_binomial_of_cells

Rows: TypeAlias = tuple[Tensor, Tensor, Tensor]  # counts, their genes, and where those of each cell start

CELLS_AT_ONCE = 256  # for each thread: their logits fit into a cache


def negative_binomial_of_layer(
    x: Tensor | Rows, h: Tensor, sizes: list[int], weight: Tensor, bias: Tensor, log_theta: Tensor
) -> Tensor:
    """Negative binomial with mean ``n softmax(h W + b)``, where ``n`` is what a cell has counted, at least 1.

    The same as :func:`~mixvi.objective.negative_binomial` of such a mean, but a few cells at a time go through layer,
    likelihood and gradient, by compiled loops: the logits of all cells are never in memory. In single precision on a
    CPU.

    Parameters
    ----------
    x
        Counts, shape ``(cells, genes)``, or those that are not zero, in compressed rows; not differentiated.
    h
        Input of the layer, shape ``(cells, n_hidden)``, sorted by group, such as the arm.
    sizes
        Number of cells of each group.
    weight, bias
        Of the layer of each group, shapes ``(groups, n_hidden, genes)`` and ``(groups, genes)``.
    log_theta
        Log inverse dispersion of each gene, shape ``(groups, genes)``, or ``(1, genes)`` for all groups.

    Returns
    -------
    Log-probabilities of the cells, shape ``(cells,)``; they can be differentiated once.
    """
    x = compressed_rows(x) if isinstance(x, Tensor) else x
    parameters = h.float(), weight, bias, log_theta
    if torch.is_grad_enabled():
        return _NegativeBinomialOfLayer.apply(x, sizes, *parameters)
    return _value_and_gradients(x, sizes, *parameters)[0]


def compressed_rows(x: Tensor) -> Rows:
    """The counts ``(cells, genes)`` that are not zero, their genes, and where those of each cell start and end."""
    values, columns, starts = compressed(x.contiguous().numpy())
    return torch.from_numpy(values), torch.from_numpy(columns), torch.from_numpy(starts)


class _NegativeBinomialOfLayer(torch.autograd.Function):
    """The gradient is computed together with the value, for cells that count equally; if they do not, once more."""

    @staticmethod
    def forward(ctx, x: Rows, sizes: list[int], *parameters: Tensor) -> Tensor:
        ctx.x, ctx.sizes = x, sizes
        value, *gradients = _value_and_gradients(x, sizes, *parameters, of_cells=torch.ones_like(parameters[0][:, 0]))
        ctx.save_for_backward(*parameters, *gradients)
        return value

    @staticmethod
    @once_differentiable
    def backward(ctx, of_cells: Tensor) -> tuple[Tensor | None, ...]:
        parameters, gradients = ctx.saved_tensors[:4], ctx.saved_tensors[4:]
        if len(of_cells) and (of_cells == of_cells[0]).all():
            return None, None, *(gradient * of_cells[0] for gradient in gradients)
        return None, None, *_value_and_gradients(ctx.x, ctx.sizes, *parameters, of_cells=of_cells.contiguous())[1:]


@torch.autocast("cpu", enabled=False)
def _value_and_gradients(
    x: Rows,
    sizes: list[int],
    h: Tensor,
    weight: Tensor,
    bias: Tensor,
    log_theta: Tensor,
    of_cells: Tensor | None = None,
) -> tuple[Tensor, ...]:
    """Value of each cell, and of their sum, weighted with ``of_cells`` if it is given, the gradients of the others."""
    n_threads = torch.get_num_threads()
    value, of_h, of_weight, start = h.new_empty(len(h)), torch.empty_like(h), torch.zeros_like(weight), 0
    of_genes = h.new_zeros(2, len(weight), n_threads, weight.shape[2])  # gradients of bias and log θ, by each thread
    buffer = h.new_empty(n_threads * CELLS_AT_ONCE, weight.shape[2])
    n_counts = int(min(TABULATED, 1 + max(1, x[0].max()))) if len(x[0]) else 1
    thetas = [(theta, small_coefficients(theta, n_counts), small_slopes(theta, n_counts)) for theta in log_theta]
    with ThreadPoolExecutor(n_threads) as threads:
        for group, size in enumerate(sizes):
            constants = bias[group], *thetas[group if len(thetas) > 1 else 0]
            for cells in _blocks(start, start + size, len(buffer)):
                logits = torch.mm(h[cells], weight[group], out=buffer[: cells.stop - cells.start])
                weights = torch.zeros_like(value[cells]) if of_cells is None else of_cells[cells]
                _loop(threads, x, cells, logits, constants, weights, value[cells], of_genes[:, group])
                if of_cells is not None:  # by now the logits are their gradient
                    of_h[cells] = (weight[group] @ logits.T).T  # faster than the other way round
                    torch.addmm(of_weight[group], h[cells].T, logits, out=of_weight[group])
            start += size
    of_bias, of_log_theta = of_genes.sum(2)
    return value, of_h, of_weight, of_bias, of_log_theta.sum_to_size(log_theta.shape)


def _loop(
    threads: Executor,
    x: Rows,
    cells: slice,
    logits: Tensor,
    constants: tuple[Tensor, ...],
    weights: Tensor,
    value: Tensor,
    of_genes: Tensor,
) -> None:
    """Put some cells through the compiled loop, in as many parts as there are threads."""
    counts, columns, starts = x
    size = -(-len(logits) // of_genes.shape[1])
    starts = starts[cells.start : cells.stop + 1]
    parts = [
        (counts, columns, starts[some.start : some.stop + 1], logits[some])
        + (*constants, weights[some], value[some], *of_genes[:, thread])
        for thread, some in enumerate(_blocks(0, len(logits), size))
    ]
    arrays = [[tensor.numpy() for tensor in part] for part in parts]
    list(threads.map(lambda part: negative_binomial_of_cells(*part), arrays))


def _blocks(start: int, end: int, size: int) -> Iterator[slice]:
    """Stretches of at most a size."""
    for first in range(start, end, size):
        yield slice(first, min(first + size, end))
