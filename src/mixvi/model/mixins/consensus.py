"""How far the arms agree, and how sure they may be."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from torch import Tensor

from mixvi.augment import no_copies
from mixvi.metrics import arm_consensus
from mixvi.nn import SparseCells
from mixvi.train import fit_temperature, independent_copies

N_COPIES = 2  # of each cell for each arm


class ConsensusMixin:
    """Verbs about the arms' agreement."""

    def get_arm_consensus(self, adata: AnnData | None = None, batch_size: int | None = None) -> pd.DataFrame:
        """How often two arms that see different copies of a cell give it the same type, for each pair of types.

        Writes ``.uns["cpl_consensus"]`` to ``adata``. The diagonal is the consensus on each type: the cells that both
        arms give it, relative to those of the arm that gives it more.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        batch_size
            Cells in a batch; changes nothing but the speed and the copies that are drawn.

        Returns
        -------
        Types × types, from 0 to 1; symmetric.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the model has one arm, or the cells do not fit the model.

        Examples
        --------
        >>> model.get_arm_consensus()  # doctest: +SKIP
        >>> mixvi.pl.arm_consensus(adata)  # doctest: +SKIP
        """
        self._check_arms()
        (votes,) = self._run(adata, batch_size, lambda *encoded: (self._votes(*encoded[1:]),), n_copies=N_COPIES)
        matrix = pd.DataFrame(self._consensus_of(votes), self.type_names, self.type_names)
        (self.adata if adata is None else adata).uns[f"{self._key_prefix}_consensus"] = matrix
        return matrix

    def _check_arms(self) -> None:
        """Refuse models that have nothing to agree about."""
        if self.module.n_arms < 2:
            raise ValueError("The model has one arm: consensus between arms needs n_arms=2 or more.")

    def _votes(self, log_q: Tensor, of_copies: Tensor) -> Tensor:
        """The type that each arm gives each of its copies, or the cell if there are none: ``(cells, copies, arms)``."""
        shown = of_copies if len(of_copies) else log_q[None]
        return self._by_type(shown).argmax(-1).permute(2, 0, 1)

    def _consensus_of(self, votes: Tensor) -> np.ndarray:
        """Consensus matrix ``(types, types)`` of votes ``(cells, copies, arms)``."""
        return arm_consensus(votes.flatten(0, 1).T.numpy(), len(self.type_order_))

    def _encode_copies(self, x: Tensor | SparseCells, covariates: Tensor, n_copies: int) -> Tensor:
        """``log q(c|x)`` of the arms' own copies, ``(copies, arms, cells, categories)``: 0 copies if none are made."""
        module = self.module
        if not self._makes_copies:
            return torch.empty(0, module.n_arms, len(covariates), module.n_categories, device=module.device)
        return torch.stack([module.encode(module.copies(x), covariates)[1] for _ in range(n_copies)])

    @property
    def _makes_copies(self) -> bool:
        """Whether the arms see something else in training than the cells themselves."""
        return self.module.n_arms > 1 and self.module.augment is not no_copies

    def _fit_temperature(self, indices: Sequence[int]) -> None:
        """Calibrate the probabilities by how well the arms predict each other's types of these training cells."""
        self.temperature_ = 1.0
        if not self._makes_copies:
            return

        def of_copies(_: Tensor, __: Tensor, log_q: Tensor) -> tuple[Tensor]:
            return (self._by_type(log_q)[0].transpose(0, 1),)  # (cells, arms, types)

        (log_q,) = self._run(None, None, of_copies, indices, n_copies=1)
        self.temperature_ = fit_temperature(log_q.transpose(0, 1), independent_copies(self.module.augment))
