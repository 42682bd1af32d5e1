"""From one modality to another."""

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from anndata import AnnData
from mudata import MuData
from torch import Tensor

from mixvi.model.mixins.types import consensus
from mixvi.model.seeding import seeded

STATES = 200  # drawn from the prior for an expected value


class PredictionMixin:
    """What a cell would show in a modality that was not measured."""

    def predict_modality(
        self,
        target: str,
        source: str | None = None,
        adata: MuData | AnnData | None = None,
        batch_size: int | None = None,
    ) -> pd.DataFrame:
        """Expected values of a modality, given other modalities of the same cells: what a cell of that type has.

        ``Σ_c q(c|x_source) E[x_target|c]``. States are not shared, so nothing is known of the target's state: it is
        averaged over its prior. Counts are those of a cell of median depth; zeros in excess count.

        Parameters
        ----------
        target
            The modality to predict. Where a cell has it, it is not looked at.
        source
            The modality to predict it from; if None, all others.
        adata
            Cells, as in :meth:`~mixvi.CplMixVI.get_cell_types`; they need no target.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Cells × features of the target, in units of the data; NaN for cells that lack the source.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If there are no such modalities, or the cells do not fit the model.

        Examples
        --------
        >>> model.predict_modality("ephys", source="rna").head()  # doctest: +SKIP
        """
        sources = [source] if source else [name for name in self.modalities if name != target]
        self._check_names(target=[target], source=sources)
        if target in sources:
            raise ValueError(f"source={source!r} is the target itself.")
        adata = self._given(adata)
        cells = adata
        if isinstance(adata, MuData):
            parts = {name: adata.mod[name] for name in sources if name in adata.mod}
            cells = MuData(parts)
            cells.obs = adata.obs.loc[cells.obs_names]
        predicted = pd.DataFrame(np.nan, adata.obs_names, self.genes_[target], dtype=np.float32)
        predicted.loc[cells.obs_names] = self._predict(target, cells, batch_size)
        return predicted

    @torch.inference_mode()
    def _predict(self, target: str, cells: MuData | AnnData, batch_size: int | None) -> np.ndarray:
        """Expected values of cells that have nothing but the source, ``(cells, features)``."""
        batches, size = [], torch.tensor(self.depth_[target])
        with self._ready(cells) as matched, seeded(self.seed_):
            expected: dict[tuple, Tensor] = {}  # of each combination of covariates: (types, features)
            for tensors in self._make_data_loader(matched, batch_size=1024 if batch_size is None else batch_size):
                inputs = self.module._get_inference_input(tensors)
                share = consensus(self._by_type(self.module.encode_cells(**inputs)[1])).exp().cpu()
                covariates = F.pad(inputs["covariates"], (1, 0))  # torch looks for unique rows in at least one column
                rows, of_cell = covariates.unique(dim=0, return_inverse=True)
                out = torch.empty(len(share), len(self.genes_[target]))
                for i, row in enumerate(rows[:, 1:]):
                    key = tuple(row.tolist())
                    if key not in expected:
                        table = self.module.expected(target, row, size, STATES)
                        expected[key] = table[torch.as_tensor(self.type_order_, device=table.device)].cpu()
                    out[of_cell == i] = share[of_cell == i] @ expected[key]
                batches.append(out)
        return torch.cat(batches).numpy()
