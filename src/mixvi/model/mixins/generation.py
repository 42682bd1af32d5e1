"""New cells of a type."""

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from numpy.typing import ArrayLike

from mixvi.model.seeding import seeded
from mixvi.nn import expected_values, sample_values

BACKGROUND_CELLS = 1000  # whose depth and covariates generated cells have


class GenerationMixin:
    """Verbs about cells that never were."""

    def generate(self, category: str | int, n: int = 1, state: ArrayLike | None = None, seed: int = 0) -> AnnData:
        """Generate cells of a type.

        Parameters
        ----------
        category
            Name of the type, one of ``type_names``.
        n
            Number of cells.
        state
            State of the cells, shape ``(n_state,)`` or ``(n, n_state)``; drawn from its prior if None.
        seed
            Seed of what is drawn.

        Returns
        -------
        The cells. Expression is drawn from the likelihood, with the depth and covariates of random training cells, and
        ``.layers["expected"]`` has its expected values; images are expected values. With the model's prefix, as in
        ``"joint"``, ``.obs["joint_type"]`` has the type, ``.obsm["X_joint_state"]`` the state.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such type, ``n`` is below 1, or ``state`` has another shape.

        Examples
        --------
        >>> model.generate("0", n=100)  # doctest: +SKIP
        """
        return self._generate(category, n, state, seed)

    @torch.inference_mode()
    def _generate(self, category: str | int, n: int, state: ArrayLike | None, seed: int, **drawing) -> AnnData:
        """As :meth:`generate`, with arguments of the module's ``draw_latents``."""
        self._check_if_trained(warn=False, message=f"Call {type(self).__name__}.train() first: the model is untrained.")
        name, module = str(category), self.module.eval()
        if name not in self.type_names:
            raise ValueError(f"There is no type {name!r}; types are '0' to '{self.type_names[-1]}'.")
        if n < 1:
            raise ValueError(f"n={n} must be at least 1.")
        which = torch.full((n,), int(self.type_order_[int(name)]), device=module.device)
        with seeded(seed):
            latents = module.draw_latents(which, **drawing if state is None else {})
            if state is not None:
                latents["s"] = self._as_states(state, n).to(module.device)[None]
            like = torch.randint(len(self.background_["library"]), (n,))
            library = torch.as_tensor(self.background_["library"][like], device=module.device)
            covariates = torch.as_tensor(self.background_["covariates"][like], device=module.device)
            h = module.generative(covariates=covariates, **latents)["h"]
            expected = expected_values(module.head, h, library)[0].cpu().numpy()
            images = module.image_shape is not None
            values = expected if images else sample_values(module.head, h, library)[0].cpu().numpy()
        cells = AnnData(values, var=pd.DataFrame(index=pd.Index(self.genes_)))
        cells.obs_names = [f"generated{i}" for i in range(n)]
        cells.obs[f"{self._key_prefix}_type"] = pd.Categorical([name] * n, categories=self.type_names)
        cells.obsm[f"X_{self._key_prefix}_state"] = latents["s"][0].cpu().numpy()
        if images:
            cells.uns["mixvi"] = {"image_shape": np.array(module.image_shape)}
        else:
            cells.layers["expected"] = expected
        return cells

    def _as_states(self, state: ArrayLike, n: int) -> torch.Tensor:
        """Given states, ``(n, n_state)``."""
        state = torch.as_tensor(np.asarray(state, dtype=np.float32))
        if state.shape not in ((self.module.n_state,), (n, self.module.n_state)):
            raise ValueError(
                f"state must have shape ({self.module.n_state},) or ({n}, {self.module.n_state}), not "
                f"{tuple(state.shape)}."
            )
        return state.expand(n, -1)

    def _remember_background(self) -> None:
        """Keep depth and covariates of some training cells, so that cells can be generated without them."""
        n_cells = min(self.adata.n_obs, BACKGROUND_CELLS)
        index = np.sort(np.random.default_rng(self.seed_).choice(self.adata.n_obs, n_cells, replace=False))
        loader = self._make_data_loader(self.adata, indices=index, batch_size=n_cells)
        cells = self.module._get_inference_input(next(iter(loader)))
        library = cells["x"].sum(-1, keepdim=True).numpy()
        self.background_ = {"library": library, "covariates": cells["covariates"].numpy()}
