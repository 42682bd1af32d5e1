"""How much the states say about cells."""

import numpy as np
import torch
import torch.nn.functional as F
from anndata import AnnData
from torch import Tensor

from mixvi.model.mixins.types import consensus
from mixvi.objective import state_kl


class StateInformationMixin:
    """A verb about the use of state dimensions."""

    def get_state_divergences(
        self, adata: AnnData | None = None, arm: int = 0, batch_size: int | None = None
    ) -> np.ndarray:
        """Mean ``D_KL(q(s_j|c,x) ‖ N(0, 1))`` of each state dimension at the consensus type: what it says about a cell.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        arm
            Arm whose state is looked at, from 0.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Divergences in nats, shape ``(n_state,)``; about 0 for a dimension that is not used.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such arm, or the cells do not fit the model.

        Examples
        --------
        >>> model.get_state_divergences()  # doctest: +SKIP
        """
        if not 0 <= arm < self.module.n_arms:
            raise ValueError(f"arm={arm} does not exist: the model has arms 0 to {self.module.n_arms - 1}.")

        def divergences_of(h: Tensor, log_q: Tensor) -> tuple[Tensor]:
            order = torch.as_tensor(self.type_order_, device=h.device)
            category = order[consensus(self._by_type(log_q)).argmax(-1)]
            c = F.one_hot(category, log_q.shape[-1]).to(h).expand(len(h), -1, -1)
            mean, log_var = (part[arm][..., None] for part in self.module.encoder.infer_state(h, c))
            return (state_kl(mean, log_var),)

        (divergences,) = self._run(adata, batch_size, divergences_of)
        return divergences.mean(0).numpy()
