"""The continuous half of the answer: in which state a cell is."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from anndata import AnnData
from torch import Tensor

from mixvi.arguments import check_names, check_position
from mixvi.augment import MOVES, affine_part
from mixvi.model.mixins.types import consensus
from mixvi.nn import SparseCells
from mixvi.train import axes_of_moves

MOVED = 3_000  # images, of which one copy each tells the axes


class StatesMixin:
    """Verbs about states."""

    def get_states(
        self, adata: AnnData | None = None, arm: int = 0, key_added: str | None = None, batch_size: int | None = None
    ) -> np.ndarray:
        """The state of every cell within its type: the mean of ``q(s|c,x)`` at the consensus type.

        Writes ``.obsm["X_cpl_state"]`` to ``adata``. Arms learn their states independently, so states of different arms
        are not comparable; and with a type-dependent state neither are states of different types. The first dimensions
        of the states of images follow their affine maps (``state_axes_``), the others come by their variance.

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
        """Turn every arm's states to axes along which these training images move as the augmenter moves copies."""
        affine = affine_part(self.module.augment)
        if affine is None:
            return

        def moved(h: Tensor, log_q: Tensor, x: Tensor | SparseCells, covariates: Tensor, _) -> tuple[Tensor, ...]:
            x = x.dense() if isinstance(x, SparseCells) else x
            kind, states = self._type_and_state(h, log_q)
            moves = affine.draw(len(x), x)
            h, _ = self.module.encode_cells(affine.moved(x, moves), covariates)
            change = self.module.encoder.infer_state(h, self._one_hot(kind, h))[0] - states
            return change.movedim(0, 1), states.movedim(0, 1), moves.T  # arms after cells

        change, states, moves = (
            part.numpy() for part in self._run(None, None, moved, indices[:MOVED], with_cells=True)
        )
        found = [axes_of_moves(change[:, arm], moves, states[:, arm]) for arm in range(self.module.n_arms)]
        rotations = torch.as_tensor(np.stack([rotation for rotation, _ in found]), dtype=torch.float32)
        self.module.turn_states(rotations.to(self.module.device))
        self.state_axes_ = [[MOVES[move] for move in followed] for _, followed in found]

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
