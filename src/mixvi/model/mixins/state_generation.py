"""New cells of a type, in given states."""

import numpy as np
import torch
from anndata import AnnData
from numpy.typing import ArrayLike

from mixvi.model.mixins.generation import GenerationMixin


class StateGenerationMixin(GenerationMixin):
    """Generation by models whose state can be set."""

    _latent_suffix = "_state"

    def generate(
        self,
        category: str | int,
        n: int,
        noise: bool | None = None,
        seed: int | None = None,
        state: ArrayLike | None = None,
    ) -> AnnData:
        """Cells of a type that nobody has measured.

        States are drawn from their prior, or given. The model then types what came out; none is rejected. Batches and
        covariates are at their average, library sizes as those of the cells.

        Parameters
        ----------
        category
            Name of the type, one of ``model.type_names``.
        n
            Number of cells.
        noise
            Sample from the likelihood, rather than give its expected values; if None, for everything but images.
        seed
            Seed; that of the model if None.
        state
            States, shape ``(n_state,)`` or ``(n, n_state)``.

        Returns
        -------
        Cells in ``.X``, in units of the data. With the model's prefix, as in ``"joint"``: ``.obs["joint_requested"]``
        is the type asked for, ``.obs["joint_type"]`` and ``.obs["joint_confidence"]`` are what the model takes them
        for, ``.obsm["X_joint_state"]`` holds the states, and ``.uns["joint_generation"]`` has ``category``, ``n`` and
        ``share_as_requested``.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such type, ``n`` is below 1, or ``state`` has another shape.

        Examples
        --------
        >>> model.generate("0", 10, state=np.zeros(model.module.n_state))  # doctest: +SKIP
        """
        return self._generate(category, n, noise, seed, self._as_states(state, n))

    def _as_states(self, state: ArrayLike | None, n: int) -> torch.Tensor | None:
        """Given states, ``(n, n_state)``."""
        if state is None:
            return None
        state, n_state = torch.as_tensor(np.asarray(state, dtype=np.float32)), self.module.n_state
        if state.shape not in ((n_state,), (n, n_state)):
            raise ValueError(f"state must have shape ({n_state},) or ({n}, {n_state}), not {tuple(state.shape)}.")
        return state.expand(n, -1)
