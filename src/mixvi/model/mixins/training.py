"""Training, from a good start."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scvi import REGISTRY_KEYS, settings
from scvi.model.base import UnsupervisedTrainingMixin
from torch import Tensor

from mixvi.images import shape_of_images
from mixvi.loading import values_on_disk
from mixvi.model.checkpoint import checkpoints_of
from mixvi.model.defaults import (
    IMAGE_PLAN,
    IMAGE_STEPS,
    PANEL,
    POSE_PLAN,
    TRAINING_STEPS,
    default_batch_size,
    default_max_epochs,
    training_device,
)
from mixvi.model.devices import check_one_process, n_processes
from mixvi.model.memory import memory_kept
from mixvi.model.mixins.sampling import FITTED_CELLS, SamplingMixin
from mixvi.model.restoring import restored_on_failure
from mixvi.model.seeding import seeded
from mixvi.train import (
    Checkpoints,
    NearestTypes,
    Settled,
    Start,
    StartingStates,
    StartingTypes,
    StopsOnInterrupt,
    image_types,
    quick_types,
    reproducible_types,
    split_rare_types,
    take_up,
)

logger = logging.getLogger(__name__)

SAMPLE_CELLS = 30_000  # to find rare types among
WATCHED_CELLS = 2_000  # whose types tell when to stop


class TrainingMixin(SamplingMixin, UnsupervisedTrainingMixin):
    """Finds a start, then trains."""

    _kl_warmup = 0.2  # share of the epochs in which the divergences gain their weight, lest the state collapse

    def train(
        self,
        max_epochs: int | None = None,
        batch_size: int | None = None,
        start: str | None = None,
        train_size: float | None = None,
        plan_kwargs: dict | None = None,
        prune: bool = False,
        checkpoint: str | Path | None = None,
        checkpoint_every: int = 10,
        **kwargs,
    ) -> None:
        """Train the model; called again, train it further.

        The first time, types to begin with are found (``start``), and the augmenter ``"vaegan"`` is trained unless it
        was before (:meth:`train_augmenter`). Training stops when the types have settled: fewer
        than one in 200 cells changes its type between checks, and the arms agree no better than before. Losses and the
        agreement of the arms are kept in ``history``, for every epoch; the checks are ``types_kept`` and
        ``arms_agree``.

        Ctrl-C stops training after the step in hand: the model then knows what it has learned so far, and can be used.
        During the start, or pressed twice, it leaves the model as it was before.

        Parameters
        ----------
        max_epochs
            Passes over the cells, all of which are made. If None, as many as make about 1,000 steps, or fewer if the
            types have settled; about 6,500 on images.
        batch_size
            Cells in a step, on all devices together; if None, from 64 to 512, depending on their number; of images, to
            256.
        start
            ``"auto"`` splits the cells into clusters that are found again in independent halves of their counts and
            have a gap between them, or into ``n_categories`` if that was given. Images are clustered by their
            neighbours under small affine maps, or, if the augmenter turns them by 180°, whatever their place, size and
            turn. ``"random"`` begins with random parameters, as the
            papers do; the ``"consensus"`` coupling then aims at categories of equal size. Any other string names a
            column of ``adata.obs`` with types to begin with. None is ``"auto"`` the first time, and no new start later.
        train_size
            Share of the cells that are trained on; the others are for validation. If None, all of them, or nine tenths
            with ``early_stopping=True``.
        plan_kwargs
            Arguments of :class:`~mixvi.train.CoupledTrainingPlan`, such as ``lr``.
        prune
            Give up superfluous types as training goes on, by the rule of :meth:`prune_categories` and with its
            defaults, so that ``n_categories`` is an upper bound. Rounds are kept as there. On images arms agree
            better to the end: types below a consensus of 0.9 go, and none while it still rises.
        checkpoint
            Folder in which what training knows is kept, in ``training.ckpt``. If it holds that of a training that was
            broken off (killed, out of time), the training of a model made as before, of the same cells, with the same
            arguments, goes on from there; on a CPU the result is the same as without the interruption. The file is
            removed when training is done.
        checkpoint_every
            Epochs after which it is written anew.
        **kwargs
            Arguments of scvi-tools' ``train`` and :class:`scvi.train.Trainer`, such as ``accelerator``,
            ``early_stopping`` or ``enable_progress_bar``; or ``strategy="ddp"`` with ``devices`` (and ``num_nodes``),
            to train on several.

        Raises
        ------
        FloatingPointError
            If the loss becomes infinite; the model is as it was before, and can be trained with a smaller ``lr``.
        KeyError
            If ``start`` is not a column of ``adata.obs``.
        KeyboardInterrupt
            After Ctrl-C, when the model is ready to be used.
        ValueError
            If the model is trained and ``start`` is given, an argument is out of its range, or the checkpoint is of
            another training.

        Examples
        --------
        >>> model.train()  # doctest: +SKIP
        >>> model.history["agreement_train"].plot()  # doctest: +SKIP
        >>> model.train(checkpoint="checkpoints")  # doctest: +SKIP
        """
        train_size = train_size or (0.9 if kwargs.get("early_stopping") else 1.0)
        self._check_training(max_epochs, batch_size, train_size, plan_kwargs)
        if prune:
            self._check_arms()
        if self.is_trained_ and start is not None:
            raise ValueError(f"start={start!r} is for a new model; this one is trained and would go on from there.")

        n_together = n_processes(kwargs)
        if prune:
            check_one_process(kwargs, "Training with prune=True, which changes the networks, needs")
        if not isinstance(self.adata, AnnData):
            check_one_process(kwargs, "Training on several modalities needs")
        elif values_on_disk(self.adata, self.registry["setup_args"]["layer"]):
            check_one_process(kwargs, "Training on cells that stay in their file needs")
        split = self._split(train_size)
        images = shape_of_images(self.adata) is not None
        batch_size = batch_size or default_batch_size(len(split[0]), images)
        until_settled = max_epochs is None and not images  # whose learning rate is to fall to the end
        n_steps = IMAGE_STEPS if images else TRAINING_STEPS
        max_epochs = max_epochs or default_max_epochs(len(split[0]), batch_size, n_steps)
        remainder = len(split[0]) % batch_size  # batch statistics of a few cells would mislead the coupling
        loading = {"external_indexing": split, "drop_last": len(split[0]) > batch_size > 4 * remainder}
        if batch_size < n_together:
            raise ValueError(f"batch_size={batch_size} leaves cells for only so many of {n_together} processes.")
        plan_kwargs = (IMAGE_PLAN if images else {}) | (POSE_PLAN if self._any_pose else {}) | (plan_kwargs or {})
        settings = {"max_epochs": max_epochs, "batch_size": batch_size, "train_size": train_size, "start": start}
        checkpoints = checkpoints_of(self, checkpoint, checkpoint_every, settings | {"prune": prune} | plan_kwargs)
        interrupt = StopsOnInterrupt()
        with restored_on_failure(self), seeded(self.seed_ + self.n_trainings_):
            if not checkpoints.saved:
                self._prepare(split[0], kwargs)
            if not self.is_trained_:
                plan_kwargs["start"] = self._begin(start or "auto", split[0], checkpoints)
                if "n_steps_kl_warmup" not in plan_kwargs:
                    plan_kwargs.setdefault("n_epochs_kl_warmup", max(1, round(self._kl_warmup * max_epochs)))
            if checkpoints.saved:
                take_up(self.module, checkpoints.saved)
            pruning = self._pruning(split[0]) if prune else None
            settled = self._until_settled(split[0]) if until_settled else None
            own = [callback for callback in (pruning, settled, interrupt, checkpoints) if callback is not None]
            kwargs["callbacks"] = [*(kwargs.get("callbacks") or []), *own]
            loading |= self._loading(kwargs)
            with memory_kept():  # not before: the start has larger arrays, which had better be given back
                super().train(
                    max_epochs=max_epochs,
                    batch_size=batch_size // n_together,
                    plan_kwargs=plan_kwargs,
                    datasplitter_kwargs=loading | kwargs.pop("datasplitter_kwargs", {}),
                    **{"gradient_clip_val": 10.0, "load_sparse_tensor": training_device(kwargs) == "cuda"} | kwargs,
                )
        self.n_trainings_ += 1
        self._order_types()
        self._conclude(split[0])
        self._update_summary()
        if pruning:
            self._after_pruning(pruning)
        if interrupt.interrupted:
            raise KeyboardInterrupt("Training was interrupted. The model knows what it has learned so far.")
        checkpoints.remove()

    def _prepare(self, train_indices: np.ndarray, trainer_kwargs: dict) -> None:
        """What has to be trained before, if anything."""

    def _conclude(self, train_indices: np.ndarray) -> None:
        """What is learned from the trained model, if anything."""

    def _loading(self, trainer_kwargs: dict) -> dict:
        """More arguments of what deals the cells into batches."""
        if not getattr(self.module, "trains_on_sparse", False) or settings.dl_num_workers:
            return {}
        return {"keep_sparse": training_device(trainer_kwargs) == "cpu"}

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

    def _until_settled(self, train_indices: np.ndarray) -> Settled:
        """What stops the training, watching the first cells of the shuffled training set."""
        watched = train_indices[:WATCHED_CELLS]
        loader = self._make_data_loader(self.adata, indices=watched, batch_size=len(watched))
        return Settled(next(iter(loader)))

    def _begin(self, start: str, train_indices: np.ndarray, checkpoints: Checkpoints) -> Start | None:
        """Fit what is estimated, and find the types to begin with, unless a checkpoint knows them."""
        if start not in ("auto", "random"):
            self._check_start(start)
        rare = self.choose_categories_ and shape_of_images(self.adata) is None
        index, x = self._sample_cells(train_indices, SAMPLE_CELLS if rare else FITTED_CELLS)
        self._fit_to(x)
        if start == "random":
            return None
        bound = self.module.n_categories
        n_types = None if self.choose_categories_ else bound
        if checkpoints.labels is None:
            checkpoints.labels = self._first_types(start, index, x, n_types, bound)
        labels = checkpoints.labels
        n_types = int(labels.max()) + 1
        logger.info("Training starts from %d types.", n_types)
        if self.choose_categories_:
            self.module.keep_categories(torch.arange(n_types))
            self.init_params_["non_kwargs"]["n_categories"] = n_types
            self.type_order_ = np.arange(n_types)
        size = torch.as_tensor(np.bincount(labels, minlength=self.module.n_categories), dtype=torch.float32)
        self.module.shares.copy_(size / size.sum())
        return self._teacher(index, x, labels)

    def _fit_to(self, x: Tensor) -> None:
        """Fit what is estimated to the first cells of a sample."""
        self.module.to("cpu").fit_to(x[:FITTED_CELLS], self.seed_)

    def _first_types(self, start: str, index: np.ndarray, x: Tensor, n_types: int | None, bound: int) -> np.ndarray:
        """Types of the sampled cells ``(cells, genes)``: ``n_types``, or at most ``bound`` if that is None."""
        if start != "auto":
            return pd.factorize(self.adata.obs[start].to_numpy()[index], sort=True)[0]
        if image_shape := shape_of_images(self.adata):
            return image_types(x, image_shape, self.seed_, n_types, max_types=bound, any_pose=self._any_pose)
        batch, projection, some = self._batch_of_cells()[index], self.module.projection, slice(None, FITTED_CELLS)
        scores = projection(x[some]).numpy()
        if x.shape[1] <= PANEL:  # too few features to be halved
            labels = quick_types(scores, batch[some], self.seed_, n_types, max_types=bound)
        else:
            labels = reproducible_types(x[some], scores, batch[some], projection.counts, self.seed_, n_types, bound)
        if n_types is not None:
            return labels
        more = StartingTypes(projection, x[some], torch.as_tensor(batch[some]), labels)
        labels = np.append(labels, more(x[FITTED_CELLS:], torch.as_tensor(batch[FITTED_CELLS:])).numpy())
        return split_rare_types(x, labels, batch, projection.counts, self.seed_, max_types=bound)

    def _teacher(self, index: np.ndarray, x: Tensor, labels: np.ndarray) -> Start:
        """What tells the training plan the types and states of a batch, from those of the sampled cells."""
        if image_shape := shape_of_images(self.adata):
            return Start(NearestTypes(x, labels, image_shape if self._any_pose else None))
        batch, projection = torch.as_tensor(self._batch_of_cells()[index]), self.module.projection
        projection.add_axes_between(x, torch.as_tensor(labels))
        return Start(
            StartingTypes(projection, x, batch, labels),
            StartingStates(
                projection, x, batch, labels, self.module.n_state, self.seed_, covariates=self._covariates_of(index)
            ),
        )

    @property
    def _any_pose(self) -> bool:
        """Whether what images show does not depend on their pose: copies are turned by any angle."""
        return getattr(getattr(self.module, "augment", None), "turns_fully", False)

    def _covariates_of(self, index: np.ndarray) -> np.ndarray | None:
        """Continuous covariates of the cells at some positions, ``(cells, covariates)``; None without any."""
        if REGISTRY_KEYS.CONT_COVS_KEY not in self.adata_manager.data_registry:
            return None
        return np.asarray(self.adata_manager.get_from_registry(REGISTRY_KEYS.CONT_COVS_KEY))[index]

    def _batch_of_cells(self) -> np.ndarray:
        """Batch of every cell, integers, shape ``(cells,)``."""
        return self.adata_manager.get_from_registry(REGISTRY_KEYS.BATCH_KEY).ravel()

    def _check_start(self, key: str) -> None:
        """Refuse a column that is not there or does not name types."""
        if not isinstance(key, str) or key not in self.adata.obs:
            raise KeyError(f"start={key!r} is neither 'auto' nor 'random' nor a column of adata.obs.")
        column, most = self.adata.obs[key], self.module.n_categories
        if column.isna().any() or not 2 <= column.nunique() <= most:
            raise ValueError(
                f"start: adata.obs[{key!r}] must name 2 to {most} types, none missing; it names {column.nunique()}. "
                "Pass n_categories to the model to allow more."
            )
