"""Training with a similarity of cells."""

import logging
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from anndata import AnnData
from scipy import sparse
from scvi import REGISTRY_KEYS
from torch import Tensor

from mixvi.images import shape_of_images
from mixvi.loading import values_on_disk
from mixvi.model.devices import check_one_process
from mixvi.model.mixins.training import TrainingMixin
from mixvi.model.mixins.types import TypesMixin, consensus
from mixvi.similarity import Similarity, build_similarity, get_similarity
from mixvi.train import KnownTypes, PairSplitter, Start, align_batches, graph_types

logger = logging.getLogger(__name__)

KEY = "moe_similarity"  # in .obsp and .uns
PROJECTED = ("umap", "knn")  # are compared as the encoder sees them
CHUNK = 8192  # cells projected at once
HELD = {"start_share": 1.0, "start_weight": 1000.0}  # let go slowly, lest rare types go with it


class SimilarityMixin(TypesMixin, TrainingMixin):
    """Says which cells are alike, trains with that, and drops the experts that no cell needs."""

    _data_splitter_cls = PairSplitter
    _kl_warmup = 0.5  # the clustering loss, too, gains its weight while the start loses it

    def train(
        self,
        max_epochs: int | None = None,
        batch_size: int | None = None,
        similarity: str | sparse.spmatrix | Callable[[np.ndarray], sparse.spmatrix] | None = None,
        start: str | None = None,
        train_size: float | None = None,
        plan_kwargs: dict | None = None,
        **kwargs,
    ) -> None:
        """Train the model; called again, train it further.

        The first time, types to begin with are found (``start``) and the similarity of the cells is built unless
        :func:`mixvi.similarity.build_similarity` did it before; it is kept in ``.obsp["moe_similarity"]`` and
        ``.uns["moe_similarity"]``. Afterwards categories without training cells are cut out of the model, experts
        and all. Training stops when the types have settled. Losses are kept in ``history``, for every epoch.

        Parameters
        ----------
        max_epochs
            Passes over the cells, all of which are made. If None, as many as make about 1,000 steps, or fewer if the
            types have settled; about 6,500 on images.
        batch_size
            Cells in a step; if None, from 64 to 512, depending on their number; of images, to 256.
        similarity
            ``"umap"``, ``"knn"``, ``"affine"`` (images) or the name of a graph in ``.obsp``; a sparse matrix cells ×
            cells with values in [0, 1]; or a function, see :func:`mixvi.similarity.build_similarity`, which has more
            choices and labels. If None, what is in ``.obsp["moe_similarity"]``, otherwise ``"affine"`` for images and
            ``"umap"`` for cells, which are compared as the encoder sees them.
        start, train_size, plan_kwargs, **kwargs
            As in :meth:`mixvi.CplMixVI.train`, but ``start="auto"`` clusters the graph of similarities (Leiden) and
            merges the communities: where no gap of the density separates them, of up to 64 markers by their distance;
            of images, and where the similarity was given, by their links.

        Raises
        ------
        FloatingPointError
            If the loss becomes infinite; the model is as it was before, and can be trained with a smaller ``lr``.
        KeyError
            If ``start`` is not a column of ``adata.obs``.
        ValueError
            If the model is trained and ``start`` is given, or an argument is out of its range.

        Examples
        --------
        >>> model.train()  # doctest: +SKIP
        >>> mixvi.similarity.build_similarity(adata, "knn", labels_key="known")  # doctest: +SKIP
        >>> model.train()  # doctest: +SKIP
        """
        self._check_training(max_epochs, batch_size, train_size or 1.0, plan_kwargs)
        if values_on_disk(self.adata, self._layer):
            raise ValueError(
                f"{type(self).__name__} compares all cells with each other, which have to be in memory for that: train "
                "it on adata.to_memory(), or use CplMixVI, which reads them a few at a time."
            )
        check_one_process(kwargs, f"{type(self).__name__}, whose batches hold neighbours, trains on")
        self._check_similarity(similarity)
        self._similarity_given, self._similarity_used = similarity, None
        if shape_of_images(self.adata) is None:
            plan_kwargs = HELD | (plan_kwargs or {})
        try:
            super().train(max_epochs, batch_size, start, train_size, plan_kwargs, **kwargs)
        finally:
            self._similarity_given = self._similarity_used = None
        self._fit_centres()

    def _check_similarity(self, similarity: object) -> None:
        """Refuse what is no similarity, before long work."""
        if similarity is None or callable(similarity) or isinstance(similarity, str):
            return
        if not (sparse.issparse(similarity) and similarity.shape == (self.adata.n_obs,) * 2):
            raise ValueError(
                f"similarity must be a name, a function or a sparse matrix of {self.adata.n_obs} × {self.adata.n_obs} "
                f"cells, not {type(similarity).__name__} of shape {getattr(similarity, 'shape', None)}."
            )

    def _loading(self, trainer_kwargs: dict) -> dict:
        return {"similarity": self._similarity(), "seed": self.seed_ + self.n_trainings_}

    def _similarity(self) -> Similarity:
        """The similarity that this training uses, built when it is first asked for."""
        if self._similarity_used is None:
            self._similarity_used = self._build_similarity(self._similarity_given)
        return self._similarity_used

    def _build_similarity(self, kind: str | sparse.spmatrix | Callable | None) -> Similarity:
        """Build a similarity, or take the one that is there."""
        if kind is None and KEY in self.adata.obsp:
            return get_similarity(self.adata, KEY)
        if kind is None:
            kind = "affine" if shape_of_images(self.adata) else "umap"
        if sparse.issparse(kind):
            return build_similarity(self.adata, lambda _, graph=kind: graph, key_added=KEY, seed=self.seed_)
        if not isinstance(kind, str) or kind not in PROJECTED:
            return build_similarity(self.adata, kind, layer=self._layer, key_added=KEY, seed=self.seed_)
        projected = AnnData(self._scores())
        similarity = build_similarity(projected, kind, n_components=None, key_added=KEY, seed=self.seed_)
        self.adata.obsp[KEY], self.adata.uns[KEY] = projected.obsp[KEY], projected.uns[KEY]
        return similarity

    @property
    def _layer(self) -> str | None:
        """Layer with the expression values."""
        return self.registry["setup_args"]["layer"]

    @torch.inference_mode()
    def _scores(self) -> np.ndarray:
        """All cells as the encoder sees them, batches aligned, ``(cells, features)``."""
        x = self.adata_manager.get_from_registry(REGISTRY_KEYS.X_KEY)
        parts = []
        for first in range(0, self.adata.n_obs, CHUNK):
            part = x[first : first + CHUNK]
            dense = torch.as_tensor(part.toarray() if sparse.issparse(part) else np.asarray(part))
            parts.append(self.module.projection(dense.to(self.module.device, torch.float32)).cpu().numpy())
        return align_batches(np.concatenate(parts), self._batch_of_cells())

    def _first_types(self, start: str, index: np.ndarray, x: Tensor, n_types: int | None, bound: int) -> np.ndarray:
        """Types of all cells, from the communities of the similarity."""
        if start != "auto":
            return super()._first_types(start, np.arange(self.adata.n_obs), x, n_types, bound)
        graph, about = self._similarity().graph, self.adata.uns[KEY]
        own = about.get("use_rep") not in self.adata.obsm  # else what the cells were compared by
        scores = self._scores() if own else self.adata.obsm[about["use_rep"]]
        if about["kind"] in PROJECTED and "labels_key" not in about:
            merge = "distance" if self.module.is_panel and own else "gap"
        else:  # it knows more than the values of the cells
            merge = "links"
        return graph_types(graph, np.asarray(scores), merge, self.seed_, n_types, bound)

    def _teacher(self, index: np.ndarray, x: Tensor, labels: np.ndarray) -> Start:
        return Start(KnownTypes(torch.as_tensor(labels)))

    def _order_types(self) -> None:
        """Drop the categories without training cells, and order the others by their size."""
        super()._order_types()
        if len(self.type_order_) < self.module.n_categories:
            logger.info("%d experts are not needed.", self.module.n_categories - len(self.type_order_))
            self.module.keep_categories(torch.as_tensor(self.type_order_.copy()))
            self.type_order_ = np.arange(len(self.type_order_))
            self.init_params_["non_kwargs"]["n_categories"] = len(self.type_order_)

    def _fit_centres(self) -> None:
        """Take the cluster centres of Eq. 6 over all training cells, in place of running averages."""
        expert, z = self._run(None, None, lambda h, log_q: (consensus(log_q).argmax(-1), h[0]), self.train_indices)
        p, device = F.one_hot(expert, self.module.n_categories), self.module.device
        self.module.centres.set_to(p.to(device, z.dtype), z.to(device))
