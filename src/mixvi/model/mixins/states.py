"""The continuous half of the answer: in which state a cell is."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from anndata import AnnData
from torch import Tensor

from mixvi.arguments import check_names, check_position
from mixvi.model.mixins.types import consensus
from mixvi.train import independent_axes

SAMPLE_CELLS = 10_000  # whose states tell the axes


class StatesMixin:
    """Verbs about states."""

    def get_states(
        self, adata: AnnData | None = None, arm: int = 0, key_added: str | None = None, batch_size: int | None = None
    ) -> np.ndarray:
        """The state of every cell within its type: the mean of ``q(s|c,x)`` at the consensus type.

        Writes ``.obsm["X_cpl_state"]`` to ``adata``. Arms learn their states independently, so states of different arms
        are not comparable; and with a type-dependent state neither are states of different types. Dimensions of the
        states of images vary as independently as possible within types, and come in the order of how much they vary.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        arm
            Arm whose state is returned, from 0; the papers show the first.
        key_added
            Key in ``.obsm``; ``"X_cpl_state"`` if None.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        States, shape ``(cells, n_state)``, in units of the standard normal prior.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such arm, or the cells do not fit the model.

        Examples
        --------
        >>> model.get_states().shape  # doctest: +SKIP
        (2638, 2)
        """
        self._check_arm(arm)
        check_names(key_added=key_added)

        def states_of(h: Tensor, log_q: Tensor) -> tuple[Tensor]:
            return (self._type_and_state(h, log_q)[1][arm],)

        (states,) = self._run(adata, batch_size, states_of)
        adata = self.adata if adata is None else adata
        adata.obsm[key_added or f"X_{self._key_prefix}_state"] = states.numpy()
        return states.numpy()

    def _turn_states(self, indices: Sequence[int]) -> None:
        """Turn every arm's states to axes along which these training cells vary independently within their types."""

        def states_of(h: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor]:
            kind, states = self._type_and_state(h, log_q)
            return kind, states.movedim(0, 1)  # (cells, arms, n_state)

        kind, states = (part.numpy() for part in self._run(None, None, states_of, indices[:SAMPLE_CELLS]))
        rotation = np.stack([independent_axes(of_arm, kind, self.seed_) for of_arm in states.swapaxes(0, 1)])
        self.module.turn_states(torch.as_tensor(rotation, dtype=torch.float32, device=self.device))

    def _type_and_state(self, h: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor]:
        """Position of each cell's type among the types ``(cells,)``, and its state ``(arms, cells, n_state)``."""
        kind = consensus(self._by_type(log_q)).argmax(-1)
        return kind, self.module.encoder.infer_state(h, self._one_hot(kind, h))[0]

    def _check_arm(self, arm: int) -> None:
        """Refuse an arm that the model does not have."""
        check_position(self.module.n_arms, "the model has arms", arm=arm)

    def _one_hot(self, kind: Tensor, like: Tensor) -> Tensor:
        """From positions among the types to one-hot categories of the module, ``(arms, cells, categories)``."""
        category = torch.as_tensor(self.type_order_, device=like.device)[kind.to(like.device)]
        return F.one_hot(category, self.module.n_categories).to(like).expand(self.module.n_arms, -1, -1)
