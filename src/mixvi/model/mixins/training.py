"""Training, from a good start."""

import logging

import numpy as np
import pandas as pd
import torch
from scipy import sparse
from scvi import REGISTRY_KEYS
from scvi.model.base import UnsupervisedTrainingMixin
from torch import Tensor

from mixvi.images import shape_of_images
from mixvi.model.checks import check_training
from mixvi.model.defaults import IMAGE_PLAN, IMAGE_STEPS, TRAINING_STEPS, default_batch_size, default_max_epochs
from mixvi.model.mixins.augmentation import SHARED_WITH_TRAIN
from mixvi.model.restoring import restored_on_failure
from mixvi.model.seeding import seeded
from mixvi.train import (
    NearestTypes,
    Settled,
    Start,
    StartingStates,
    StartingTypes,
    image_types,
    quick_types,
    split_rare_types,
)

logger = logging.getLogger(__name__)

FITTED_CELLS = 10_000  # enough to find principal components, and types that are not rare
SAMPLE_CELLS = 30_000  # to find rare types among
SAMPLE_VALUES = 50_000_000  # 200 MB
WATCHED_CELLS = 2_000  # whose types tell when to stop
KL_WARMUP = 0.2  # share of the epochs in which the divergences gain their weight, lest the state collapse


class TrainingMixin(UnsupervisedTrainingMixin):
    """Finds a start, then trains."""

    def train(
        self,
        max_epochs: int | None = None,
        batch_size: int | None = None,
        start: str | None = None,
        train_size: float | None = None,
        plan_kwargs: dict | None = None,
        prune: bool = False,
        **kwargs,
    ) -> None:
        """Train the model; called again, train it further.

        The first time, types to begin with are found (``start``), and the augmenter ``"vaegan"`` is trained unless it
        was before (:meth:`train_augmenter`). Training stops when the types have settled: fewer
        than one in 200 cells changes its type between checks, and the arms agree no better than before. Losses and the
        agreement of the arms are kept in ``history``, for every epoch; the checks are ``types_kept`` and
        ``arms_agree``.

        Parameters
        ----------
        max_epochs
            Passes over the cells, all of which are made. If None, as many as make about 1,000 steps, or fewer if the
            types have settled; about 6,500 on images.
        batch_size
            Cells in a step; if None, from 64 to 512, depending on their number; of images, to 256.
        start
            ``"auto"`` clusters the cells finely and merges clusters, the least separated first: down to
            ``n_categories``, or, where that was not given, until a gap separates all that are left. Images are
            clustered by their neighbours under small affine maps. ``"random"`` begins with random parameters, as the
            papers do; the ``"consensus"`` coupling then aims at categories of equal size. Any other string names a
            column of ``adata.obs`` with types to begin with. None is ``"auto"`` the first time, and no new start later.
        train_size
            Share of the cells that are trained on; the others are for validation. If None, all of them, or nine tenths
            with ``early_stopping=True``.
        plan_kwargs
            Arguments of :class:`~mixvi.train.CoupledTrainingPlan`, such as ``lr``.
        prune
            Give up superfluous types afterwards, with the defaults of :meth:`prune_categories`: ``n_categories`` is
            then an upper bound. When that fails or is interrupted, the model stays trained, and can be pruned further.
        **kwargs
            Arguments of scvi-tools' ``train`` and :class:`scvi.train.Trainer`, such as ``accelerator``,
            ``early_stopping`` or ``enable_progress_bar``.

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
        >>> model.history["agreement_train"].plot()  # doctest: +SKIP
        """
        train_size = train_size or (0.9 if kwargs.get("early_stopping") else 1.0)
        check_training(self.adata, max_epochs, batch_size, train_size)
        if prune:
            self._check_arms()
        if self.is_trained_ and start is not None:
            raise ValueError(f"start={start!r} is for a new model; this one is trained and would go on from there.")

        split = self._split(train_size)
        images = shape_of_images(self.adata) is not None
        batch_size = batch_size or default_batch_size(len(split[0]), images)
        until_settled = max_epochs is None and not images  # whose learning rate is to fall to the end
        n_steps = IMAGE_STEPS if images else TRAINING_STEPS
        max_epochs = max_epochs or default_max_epochs(len(split[0]), batch_size, n_steps)
        remainder = len(split[0]) % batch_size  # batch statistics of a few cells would mislead the coupling
        loading = {"external_indexing": split, "drop_last": len(split[0]) > batch_size > 4 * remainder}
        with restored_on_failure(self), seeded(self.seed_ + self.n_trainings_):
            plan_kwargs = (IMAGE_PLAN if images else {}) | (plan_kwargs or {})
            self._ready_augmenter(split[0], kwargs)
            if not self.is_trained_:
                plan_kwargs["start"] = self._begin(start or "auto", split[0])
                if "n_steps_kl_warmup" not in plan_kwargs:
                    plan_kwargs.setdefault("n_epochs_kl_warmup", max(1, round(KL_WARMUP * max_epochs)))
            if until_settled:
                kwargs["callbacks"] = [*(kwargs.get("callbacks") or []), self._until_settled(split[0])]
            super().train(
                max_epochs=max_epochs,
                batch_size=batch_size,
                plan_kwargs=plan_kwargs,
                datasplitter_kwargs=loading | kwargs.pop("datasplitter_kwargs", {}),
                **{"gradient_clip_val": 10.0} | kwargs,
            )
        self.n_trainings_ += 1
        self._order_types()
        self._warn_of_lost_types()
        self._fit_temperature(split[0][:WATCHED_CELLS])
        self._learn_outliers()
        self._update_summary()
        if prune:
            shared = {name: kwargs[name] for name in SHARED_WITH_TRAIN if name in kwargs}
            self.prune_categories(batch_size=batch_size, **shared)

    def _split(self, train_size: float) -> list[np.ndarray]:
        """Positions of the cells for training, validation and test: the same for the same seed."""
        order = np.random.default_rng(self.seed_).permutation(self.adata.n_obs)
        return np.split(order, [max(2, round(train_size * len(order))), len(order)])

    def _until_settled(self, train_indices: np.ndarray) -> Settled:
        """What stops the training, watching the first cells of the shuffled training set."""
        watched = train_indices[:WATCHED_CELLS]
        loader = self._make_data_loader(self.adata, indices=watched, batch_size=len(watched))
        return Settled(next(iter(loader)))

    def _begin(self, start: str, train_indices: np.ndarray) -> Start | None:
        """Fit what is estimated, and find the types to begin with."""
        if start not in ("auto", "random"):
            self._check_start(start)
        index, x = self._sample_cells(train_indices)
        self._fit_to(x)
        if start == "random":
            return None
        batch = self.adata_manager.get_from_registry(REGISTRY_KEYS.BATCH_KEY).ravel()[index]
        if start == "auto":
            labels = self._quick_types(x, batch)
        else:
            labels, _ = pd.factorize(self.adata.obs[start].to_numpy()[index], sort=True)
        self._take_types(labels)
        return self._start_of(x, torch.as_tensor(batch), labels)

    def _warn_of_lost_types(self) -> None:
        """Say when most of the types that training started from hold no cell any more."""
        started, left = int((self.module.shares > 0).sum()), len(self.type_order_)
        if left < started / 2:
            logger.warning(
                "Only %d of the %d types that training started from hold cells: the arms agree on little. Look at "
                "model.history, and try another coupling, or fewer n_categories.",
                left,
                started,
            )

    def _fit_to(self, x: Tensor) -> None:
        """Fit what is estimated to the first cells of a sample."""
        self.module.to("cpu").fit_to(x[:FITTED_CELLS], self.seed_)

    def _take_types(self, labels: np.ndarray) -> None:
        """Begin with these types: their number, unless it was given, and their shares of the cells."""
        n_types = int(labels.max()) + 1
        logger.info("Training starts from %d types.", n_types)
        if self.choose_categories_:
            self.module.keep_categories(torch.arange(n_types))
            self.init_params_["non_kwargs"]["n_categories"] = n_types
            self.type_order_ = np.arange(n_types)
        size = torch.as_tensor(np.bincount(labels, minlength=self.module.n_categories), dtype=torch.float32)
        self.module.shares.copy_(size / size.sum())

    def _start_of(self, x: Tensor, batch: Tensor, labels: np.ndarray) -> Start:
        """The start that a sample of cells with their types is extended to."""
        if shape_of_images(self.adata):
            return Start(NearestTypes(x, labels))
        projection = self.module.projection
        projection.add_axes_between(x, torch.as_tensor(labels))
        return Start(
            StartingTypes(projection, x, batch, labels),
            StartingStates(projection, x, batch, labels, self.module.n_state, self.seed_),
        )

    def _quick_types(self, x: Tensor, batch: np.ndarray) -> np.ndarray:
        """Types of a sample of cells, without labels."""
        bound, projection = self.module.n_categories, self.module.projection
        n_types = None if self.choose_categories_ else bound
        if image_shape := shape_of_images(self.adata):
            return image_types(x, image_shape, self.seed_, n_types, max_types=bound)
        some = slice(None, FITTED_CELLS)
        labels = quick_types(projection(x[some]).numpy(), batch[some], self.seed_, n_types, max_types=bound)
        if not self.choose_categories_:
            return labels
        more = StartingTypes(projection, x[some], torch.as_tensor(batch[some]), labels)
        labels = np.append(labels, more(x[FITTED_CELLS:], torch.as_tensor(batch[FITTED_CELLS:])).numpy())
        return split_rare_types(x, labels, batch, projection.counts, self.seed_, max_types=bound)

    def _check_start(self, key: str) -> None:
        """Refuse a column that is not there or does not name types."""
        if key not in self.adata.obs:
            raise KeyError(f"start={key!r} is neither 'auto' nor 'random' nor a column of adata.obs.")
        column, most = self.adata.obs[key], self.module.n_categories
        if column.isna().any() or not 2 <= column.nunique() <= most:
            raise ValueError(
                f"start: adata.obs[{key!r}] must name 2 to {most} types, none missing; it names {column.nunique()}. "
                "Pass n_categories to the model to allow more."
            )

    def _sample_cells(self, train_indices: np.ndarray) -> tuple[np.ndarray, Tensor]:
        """Up to 30,000 training cells, or 10,000 images, in random order: positions, values ``(cells, genes)``."""
        x = self.adata_manager.get_from_registry(REGISTRY_KEYS.X_KEY)
        choose = self.choose_categories_ and shape_of_images(self.adata) is None
        most = SAMPLE_CELLS if choose else FITTED_CELLS
        size = min(len(train_indices), most, max(1000, SAMPLE_VALUES // x.shape[1]))
        index = np.random.default_rng(self.seed_).choice(train_indices, size, replace=False)
        return index, dense_rows(x, index)


def dense_rows(matrix: np.ndarray | sparse.spmatrix, index: np.ndarray) -> Tensor:
    """Rows of a matrix, ``(rows, features)``."""
    sample = matrix[index]
    dense = sample.toarray() if sparse.issparse(sample) else np.asarray(sample)
    return torch.as_tensor(dense, dtype=torch.float32)
