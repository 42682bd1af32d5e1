"""New cells of a type, and cells as their expert sees them."""

import numpy as np
import pandas as pd
import torch
from anndata import AnnData

from mixvi.arguments import check_whole
from mixvi.model.seeding import seeded

BATCH_SIZE = 1024


class GenerationMixin:
    """Verbs about cells that nobody has measured."""

    _latent_suffix = ""  # of the key that latents of generated cells are written to

    def generate(self, category: str | int, n: int, noise: bool | None = None, seed: int | None = None) -> AnnData:
        """Cells of a type that nobody has measured.

        Latents are drawn from the component of the type (Eq. 1) and decoded by its expert; the model then types what
        came out. None is rejected. Batches and covariates are at their average, library sizes as those of the cells.

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

        Returns
        -------
        Cells in ``.X``, in units of the data. ``.obs["moe_requested"]`` is the type asked for, ``.obs["moe_type"]`` and
        ``.obs["moe_confidence"]`` are what the model takes them for, ``.obs["moe_probability"]`` is that of the type
        asked for, ``.obsm["X_moe"]`` holds the latents, and
        ``.uns["moe_generation"]`` has ``category``, ``n`` and ``share_as_requested``.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there is no such type, or ``n`` is below 1.

        Examples
        --------
        >>> new = model.generate("0", 100)  # doctest: +SKIP
        >>> new.uns["moe_generation"]["share_as_requested"]  # doctest: +SKIP
        1.0
        """
        return self._generate(category, n, noise, seed)

    def _generate(
        self,
        category: str | int,
        n: int,
        noise: bool | None,
        seed: int | None,
        state: torch.Tensor | None = None,
        **kwargs,
    ) -> AnnData:
        """As :meth:`generate`, with states ``(n, n_state)`` or arguments of the module's ``generate_cells``."""
        self._check_if_trained(warn=False, message=f"Call {type(self).__name__}.train() first: the model is untrained.")
        if str(category) not in self.type_names:
            raise ValueError(f"category={category!r} is not a type of the model: {', '.join(self.type_names)}.")
        check_whole(n=n)
        check_whole(least=0, seed=seed)
        self.module.eval()
        if noise is None:
            noise = self.init_params_["non_kwargs"]["likelihood"] != "bernoulli"
        categories = torch.full((n,), int(self.type_order_[int(category)]), device=self.module.device)
        values, latents, probabilities = [], [], []
        with seeded(self.seed_ if seed is None else seed), torch.inference_mode():
            for index in torch.arange(n).split(BATCH_SIZE):
                if state is not None:
                    kwargs["state"] = state[index].to(self.module.device)
                x, z, covariates = self.module.generate_cells(categories[index], noise=noise, **kwargs)
                _, log_p = self.module.encode_cells(x, covariates)
                for kept, new in zip((values, latents, probabilities), (x, z, log_p[0].exp()), strict=True):
                    kept.append(new.cpu())
        p = torch.cat(probabilities).numpy()[:, self.type_order_]  # (cells, types)
        own = np.array(self.type_names)[p.argmax(1)]
        cells = AnnData(
            torch.cat(values).numpy(),
            obs=pd.DataFrame(
                {
                    f"{self._key_prefix}_requested": pd.Categorical([str(category)] * n, self.type_names),
                    f"{self._key_prefix}_type": pd.Categorical(own, self.type_names),
                    f"{self._key_prefix}_confidence": p.max(1),
                    f"{self._key_prefix}_probability": p[:, int(category)],
                },
                index=[f"generated_{category}_{number}" for number in range(n)],
            ),
            var=pd.DataFrame(index=pd.Index(self.genes_)),
            obsm={f"X_{self._key_prefix}{self._latent_suffix}": torch.cat(latents).numpy()},
        )
        report = {"category": str(category), "n": n, "share_as_requested": float((own == str(category)).mean())}
        cells.uns[f"{self._key_prefix}_generation"] = report
        if self.module.image_shape:
            cells.uns["mixvi"] = {"image_shape": np.array(self.module.image_shape)}
        return cells


class ImputationMixin:
    """Verbs about cells as the model sees them."""

    def impute(
        self, adata: AnnData | None = None, key_added: str | None = None, batch_size: int | None = None
    ) -> np.ndarray:
        """Cells without their noise: what the expert of each cell expects, given its latent.

        Writes ``.layers["moe_imputed"]``; genes that the model does not know are NaN in it.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        key_added
            Name in ``.layers``; ``"moe_imputed"`` if None.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Expected values in the model's order of genes, shape ``(cells, genes)``, in units of the data: of counts for
        the cell's own library size, without additional zeros.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model.

        Examples
        --------
        >>> model.impute()  # doctest: +SKIP
        >>> sc.pl.umap(adata, color="CD3", layer="moe_imputed")  # doctest: +SKIP
        """
        batches = []
        with self._ready(adata) as cells, seeded(self.seed_), torch.inference_mode():
            for tensors in self._make_data_loader(cells, batch_size=BATCH_SIZE if batch_size is None else batch_size):
                inputs = self.module._get_inference_input(tensors)
                z, log_p = (part[0] for part in self.module.encode_cells(**inputs))
                covariates, library = inputs["covariates"].to(z), inputs["x"].sum(1, keepdim=True).to(z)
                batches.append(self.module.decode(z, log_p.argmax(-1), covariates, library).cpu())
        values = torch.cat(batches).numpy()
        adata = self.adata if adata is None else adata
        layer = np.full(adata.shape, np.nan, np.float32)
        layer[:, adata.var_names.get_indexer(self.genes_)] = values
        adata.layers[key_added or f"{self._key_prefix}_imputed"] = layer
        return values
