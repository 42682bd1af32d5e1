"""From types and states back to expression."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scvi import REGISTRY_KEYS
from torch import Tensor

from mixvi.arguments import check_above, check_whole, checked_indices
from mixvi.model.matching import batch_code, positions_of_genes
from mixvi.model.mixins.types import consensus
from mixvi.model.seeding import seeded

CHUNK = 1024  # cells decoded together


@dataclass
class CellStates:
    """What the model says of cells, and what it needs to decode them.

    Parameters
    ----------
    kind
        Position of each cell's type in ``type_names``, ``(cells,)``.
    state
        State of each cell within its type, ``(cells, n_state)``.
    covariates
        ``(cells, n_covariates)``.
    arm
        The arm that the states are of.
    """

    kind: np.ndarray
    state: np.ndarray
    covariates: Tensor
    arm: int


class DecodingMixin:
    """Verbs about expected expression."""

    def get_normalized_expression(
        self,
        adata: AnnData | None = None,
        indices: Sequence[int] | None = None,
        transform_batch: str | None = None,
        gene_list: Sequence[str] | None = None,
        library_size: float = 1.0,
        n_samples: int = 1,
        return_mean: bool = True,
        batch_size: int | None = None,
    ) -> pd.DataFrame | np.ndarray:
        """Expected expression of cells with one library size, as in scvi-tools: free of depth and counting noise.

        Decoded from samples of the posterior: the type is drawn from the arms' consensus, the state from an arm, the
        arms taking turns. Values that are not counts have no library size.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        indices
            Positions of the cells; all if None.
        transform_batch
            Batch that all cells are decoded as if they came from; if None, their own.
        gene_list
            Genes that are returned; all if None.
        library_size
            Counts of a cell; with 1 a gene's expression is its share of them.
        n_samples
            Samples of the posterior for every cell.
        return_mean
            Whether to average over the samples.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Cells × genes; an array ``(n_samples, cells, genes)`` if several samples are not averaged.

        Raises
        ------
        KeyError
            If there is no such gene.
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such batch, ``n_samples`` is below 1, or the cells do not fit the model.

        Examples
        --------
        >>> model.get_normalized_expression(gene_list=["ISG15"], library_size=1e4)  # doctest: +SKIP
        """
        check_whole(n_samples=n_samples)
        check_above(0, library_size=library_size)
        genes = positions_of_genes(gene_list, self.genes_)
        keep = return_mean or n_samples == 1
        with self._ready(adata) as cells, seeded(self.seed_):
            indices = np.arange(cells.n_obs) if indices is None else checked_indices(indices, cells.n_obs)
            chunks = []
            for h, log_q, _, covariates in self._encoded(cells, indices, batch_size, transform_batch):
                draws = [
                    self._draw(h, log_q, covariates, library_size)[r % self.module.n_arms][:, genes]
                    for r in range(n_samples)
                ]
                chunks.append((sum(draws) / n_samples if keep else torch.stack(draws)).cpu().numpy())
            expression = np.concatenate(chunks, axis=-2)
            names = cells.obs_names[indices]
        return pd.DataFrame(expression, names, self.genes_[genes]) if keep else expression

    def _sample_population(
        self, cells: AnnData, indices: np.ndarray, transform_batch: str | None, n_samples_overall: int
    ) -> np.ndarray:
        """Samples of the expression of a group of cells, from its cells and the arms at random, ``(samples, genes)``.

        Draws from torch's generator as it stands, so that samples of different groups are independent.
        """
        chosen = torch.randint(len(indices), (n_samples_overall,)).bincount(minlength=len(indices)).numpy()
        samples = []
        repeats = torch.as_tensor(chosen[chosen > 0])
        for h, log_q, at, covariates in self._encoded(cells, indices[chosen > 0], None, transform_batch):
            again = torch.repeat_interleave(repeats[at]).to(h.device)
            draws = self._draw(h[:, again], log_q[:, again], covariates[again], 1.0)
            arm = torch.randint(self.module.n_arms, (draws.shape[1],)).to(h.device)
            samples.append(draws[arm, torch.arange(draws.shape[1], device=h.device)].cpu().numpy())
        samples = np.concatenate(samples)
        return samples[torch.randperm(len(samples)).numpy()]

    @torch.inference_mode()
    def _draw(self, h: Tensor, log_q: Tensor, covariates: Tensor, library_size: float) -> Tensor:
        """Expected expression at a sample of type and state, in every arm: ``(arms, cells, genes)``."""
        kind = consensus(self._by_type(log_q)).exp().multinomial(1).squeeze(1)
        c = self._one_hot(kind, h)
        mean, log_var = self.module.encoder.infer_state(h, c)
        return self.module.expected(c, mean + torch.randn_like(mean) * (0.5 * log_var).exp(), covariates, library_size)

    @torch.inference_mode()
    def _encoded(
        self,
        cells: AnnData,
        indices: np.ndarray | None = None,
        batch_size: int | None = None,
        transform_batch: str | None = None,
    ) -> Iterator[tuple[Tensor, Tensor, slice, Tensor]]:
        """Batches of ``h``, ``log_q``, positions among ``indices``, and covariates to decode with."""
        code = batch_code(self.registry, transform_batch)
        start = 0
        for tensors in self._make_data_loader(
            cells, indices=indices, batch_size=CHUNK if batch_size is None else batch_size
        ):
            h, log_q = self.module.encode_cells(**self.module._get_inference_input(tensors))
            at, start = slice(start, start + h.shape[1]), start + h.shape[1]
            if code is not None:
                tensors[REGISTRY_KEYS.BATCH_KEY] = torch.full_like(tensors[REGISTRY_KEYS.BATCH_KEY], code)
            yield h, log_q, at, self.module.covariates(tensors).to(h.device)

    @torch.inference_mode()
    def _cell_states(self, cells: AnnData, arm: int, batch_size: int | None = None) -> CellStates:
        """Type and state of all cells by one arm."""
        parts = []
        for h, log_q, _, covariates in self._encoded(cells, None, batch_size):
            kind, state = self._type_and_state(h, log_q)
            parts.append((kind.cpu(), state[arm].cpu(), covariates.cpu()))
        kind, state, covariates = (torch.cat(part) for part in zip(*parts, strict=True))
        return CellStates(kind.numpy(), state.numpy(), covariates, arm)

    @torch.inference_mode()
    def _decode(
        self, cells: CellStates, index: np.ndarray, state: np.ndarray, library_size: float
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Expected expression of chosen cells at given states: chunks of positions and of values."""
        for start in range(0, len(index), CHUNK):
            part = index[start : start + CHUNK]
            covariates = cells.covariates[part].to(self.module.device)
            c = self._one_hot(torch.as_tensor(cells.kind[part]), covariates)
            s = torch.as_tensor(state[start : start + CHUNK]).to(covariates).expand(self.module.n_arms, -1, -1)
            yield part, self.module.expected(c, s, covariates, library_size)[cells.arm].cpu().numpy()
