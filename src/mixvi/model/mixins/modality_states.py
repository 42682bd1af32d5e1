"""States of several modalities, each with its own."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from anndata import AnnData
from mudata import MuData
from torch import Tensor

from mixvi.model.mixins.types import consensus


class ModalityStatesMixin:
    """Verbs about states, in models of several modalities."""

    def get_states(
        self,
        adata: MuData | AnnData | None = None,
        modality: str | None = None,
        arm: int = 0,
        key_added: str | None = None,
        batch_size: int | None = None,
    ) -> np.ndarray:
        """The state of every cell within its type, in one modality: the mean of ``q(s|c,x)`` at the consensus type.

        Writes ``.obsm["X_cpl_state_ephys"]`` to the cells, for a modality ``"ephys"``. States of different modalities,
        arms or types are not comparable.

        Parameters
        ----------
        adata
            Cells, as in :meth:`~mixvi.CplMixVI.get_cell_types`.
        modality
            The modality; the first one if None.
        arm
            Arm of this modality, from 0.
        key_added
            Key in ``.obsm``; ``"X_cpl_state_"`` and the modality if None.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        States, shape ``(cells, n_state)``, in units of the standard normal prior; NaN where a cell lacks the modality.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such modality or arm, or the cells do not fit the model.

        Examples
        --------
        >>> model.get_states(modality="ephys").shape  # doctest: +SKIP
        (100, 2)
        """
        modality = modality or self.modalities[0]
        self._check_names(modality=[modality])
        if not 0 <= arm < self.module.arms_each:
            raise ValueError(f"arm={arm} does not exist: each modality has arms 0 to {self.module.arms_each - 1}.")
        arms = self.module.arms_of(modality)

        def states_of(h: Tensor, log_q: Tensor) -> tuple[Tensor]:
            order = torch.as_tensor(self.type_order_, device=h.device)
            category = order[consensus(self._by_type(log_q)).argmax(-1)]
            c = F.one_hot(category, log_q.shape[-1]).to(h).expand(self.module.arms_each, -1, -1)
            return (self.module.part(modality).encoder.infer_state(h[arms], c)[0][arm],)

        (states,) = self._run(adata, batch_size, states_of)
        adata = self.adata if adata is None else adata
        adata.obsm[key_added or f"X_{self._key_prefix}_state_{modality}"] = states.numpy()
        return states.numpy()

    def get_latent_representation(
        self,
        adata: MuData | AnnData | None = None,
        indices: Sequence[int] | None = None,
        batch_size: int | None = None,
    ) -> np.ndarray:
        """The arms' summaries of every cell, side by side, as in :meth:`~mixvi.CplMixVI.get_latent_representation`.

        Parameters
        ----------
        adata, indices, batch_size
            As there.

        Returns
        -------
        Array of shape ``(cells, modalities · n_arms · n_bottleneck)``; zero for a modality that a cell lacks.
        """
        return np.nan_to_num(super().get_latent_representation(adata, indices, batch_size))
