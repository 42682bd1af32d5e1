"""What the models with a single arm share: the baselines of the papers."""

import math
from pathlib import Path
from typing import ClassVar

import numpy as np
from anndata import AnnData
from scvi.model.base import BaseModelClass, UnsupervisedTrainingMixin, VAEMixin

from mixvi.arguments import check_whole
from mixvi.images import shape_of_images
from mixvi.model.checkpoint import checkpoints_of
from mixvi.model.checks import check_likelihood, summarise
from mixvi.model.defaults import default_likelihood, default_max_categories
from mixvi.model.devices import check_one_process
from mixvi.model.memory import memory_kept
from mixvi.model.mixins import (
    AugmentationMixin,
    DecodingMixin,
    InferenceMixin,
    SamplingMixin,
    SavingMixin,
    SetupMixin,
    StateGenerationMixin,
    StateInformationMixin,
    StatesMixin,
    TraversalMixin,
    TypesMixin,
)
from mixvi.model.options import check_augmenter, check_module, check_network, check_sizes
from mixvi.model.published import Published
from mixvi.model.restoring import restored_on_failure
from mixvi.model.seeding import seeded
from mixvi.train import StopsOnInterrupt, take_up

SMALLEST_CONVOLVED = 16  # pixels; images with a longer side are convolved


class SingleArmModel(
    TypesMixin,
    StateInformationMixin,
    StatesMixin,
    TraversalMixin,
    StateGenerationMixin,
    DecodingMixin,
    InferenceMixin,
    SamplingMixin,
    SetupMixin,
    SavingMixin,
    UnsupervisedTrainingMixin,
    BaseModelClass,
):
    """A model with one arm; its subclasses are the baselines of the papers.

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`setup_anndata`, or images × pixels from :func:`mixvi.images.to_anndata`.
    n_categories
        Number of types. If None, 10 for images, else the square root of the number of cells, from 10 to 200.
    n_state
        Dimensions of the state. If None, as published.
    likelihood
        As in :class:`mixvi.CplMixVI`.
    seed
        Everything random follows from it.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Arguments of the module. Those that are not given are as published.
    """

    published_for_images: ClassVar[Published]
    published_for_expression: ClassVar[Published]
    convolves_images: ClassVar[bool] = True

    def __init__(
        self,
        adata: AnnData | None = None,
        n_categories: int | None = None,
        n_state: int | None = None,
        likelihood: str | None = None,
        seed: int = 0,
        registry: dict | None = None,
        **module_kwargs,
    ):
        super().__init__(adata, registry)
        n_cells, n_genes = self.summary_stats.n_cells, self.summary_stats.n_vars
        if not registry and (shape := shape_of_images(self.adata)):
            module_kwargs = module_kwargs | {"image_shape": shape}
        images = "image_shape" in module_kwargs
        published = self._published(images)
        if n_categories is None:
            n_categories = 10 if images else default_max_categories(n_cells)
        n_state = published.n_state if n_state is None else n_state
        check_module(seed, **module_kwargs)
        check_sizes(None if registry else n_cells, likelihood, n_categories=n_categories, n_state=n_state)
        if self.adata is not None:
            data = summarise(self.adata, self.registry["setup_args"]["layer"], allow_empty_genes=True)
            likelihood = likelihood or default_likelihood(data, images)
            check_likelihood(likelihood, data)
        module_kwargs = published.module | module_kwargs
        self._check_module(module_kwargs, likelihood)
        if not registry:
            module_kwargs["network"] = self._network(module_kwargs, likelihood)
            module_kwargs["n_components"] = min(module_kwargs.get("n_components", 100), n_cells - 1, n_genes - 1)
        with seeded(seed):
            self.module = self._module_cls(
                n_genes,
                n_categories=n_categories,
                n_state=n_state,
                likelihood=likelihood,
                **self._sizes_of_covariates(),
                **module_kwargs,
            )
        self.genes_ = np.asarray(self.get_var_names())
        self.seed_ = seed
        self.n_trainings_ = 0
        self.type_order_ = np.arange(n_categories)
        self._model_summary_string = (
            f"{type(self).__name__}: {n_categories} types, {n_state} state dimensions, likelihood {likelihood}, "
            f"{module_kwargs['network']} network"
        )
        self.init_params_ = self._get_init_params(locals())

    def train(
        self,
        max_epochs: int | None = None,
        max_steps: int | None = None,
        batch_size: int | None = None,
        train_size: float | None = None,
        plan_kwargs: dict | None = None,
        checkpoint: str | Path | None = None,
        checkpoint_every: int = 10,
        **kwargs,
    ) -> None:
        """Train the model from random parameters, as it was published; called again, train it further.

        The published training is long: hours on a CPU. Schedules are shortened when there are fewer steps. Losses are
        kept in ``history``, for every epoch. When training fails, the model is as it was before; after Ctrl-C it knows
        what it has learned so far.

        Parameters
        ----------
        max_epochs
            Passes over the cells.
        max_steps
            Training steps, instead of ``max_epochs``. If neither is given, the published number.
        batch_size
            Cells in a step; if None, the published number, but not more than there are.
        train_size
            Share of the cells that are trained on; the others are for validation. If None, all of them, or nine tenths
            with ``early_stopping=True``.
        plan_kwargs
            Arguments of the training plan; those that are not given are as published.
        checkpoint, checkpoint_every
            As in :meth:`mixvi.CplMixVI.train`: a training that was broken off goes on from there.
        **kwargs
            Arguments of scvi-tools' ``train`` and :class:`scvi.train.Trainer`, such as ``accelerator`` or
            ``enable_progress_bar``.

        Raises
        ------
        FloatingPointError
            If the loss becomes infinite.
        KeyboardInterrupt
            After Ctrl-C, when the model is ready to be used.
        ValueError
            If an argument is out of its range, or the checkpoint is of another training.

        Examples
        --------
        >>> model.train(max_steps=2000)  # doctest: +SKIP
        """
        train_size = train_size or (0.9 if kwargs.get("early_stopping") else 1.0)
        self._check_training(max_epochs, batch_size, train_size, plan_kwargs)
        check_whole(max_steps=max_steps)
        if max_steps is not None and max_epochs is not None:
            raise ValueError(f"max_steps={max_steps} and max_epochs={max_epochs} say two things: leave one out.")
        check_one_process(kwargs, f"{type(self).__name__} trains on")
        published = self._published(self.module.image_shape is not None)
        split = self._split(train_size)
        n_cells = len(split[0])
        batch_size = min(batch_size or published.batch_size, n_cells)
        drop_last = n_cells > batch_size > 4 * (n_cells % batch_size)
        steps_per_epoch = n_cells // batch_size if drop_last else math.ceil(n_cells / batch_size)
        if max_epochs is None:
            max_steps = max_steps or published.n_steps
            max_epochs = math.ceil(max_steps / steps_per_epoch)
            kwargs["max_steps"] = max_steps * getattr(self._training_plan_cls, "steps_per_batch", 1)
        loading = {"external_indexing": split, "drop_last": drop_last}
        plan_kwargs = published.plan | (plan_kwargs or {})
        arguments = {"max_epochs": max_epochs, "max_steps": max_steps, "batch_size": batch_size}
        arguments |= {"train_size": train_size} | plan_kwargs
        checkpoints = checkpoints_of(self, checkpoint, checkpoint_every, arguments)
        interrupt = StopsOnInterrupt()
        with restored_on_failure(self), seeded(self.seed_ + self.n_trainings_), memory_kept():
            settings = {
                "batch_size": batch_size,
                "datasplitter_kwargs": loading | kwargs.pop("datasplitter_kwargs", {}),
            }
            if not self.is_trained_:
                self.module.to("cpu").fit_to(self._sample_cells(split[0])[1], self.seed_)
                if not checkpoints.saved:
                    others = {name: value for name, value in kwargs.items() if name != "max_steps"}
                    self._begin(split[0], max_epochs, settings | others)
            if checkpoints.saved:
                take_up(self.module, checkpoints.saved)
            kwargs["callbacks"] = [*(kwargs.get("callbacks") or []), interrupt, checkpoints]
            super().train(max_epochs=max_epochs, plan_kwargs=plan_kwargs, **settings, **kwargs)
        self.n_trainings_ += 1
        self._order_types()
        if interrupt.interrupted:
            raise KeyboardInterrupt("Training was interrupted. The model knows what it has learned so far.")
        checkpoints.remove()

    def _check_module(self, module_kwargs: dict, likelihood: str) -> None:
        """Refuse arguments of the module that do not fit the data."""

    def _begin(self, train_indices: np.ndarray, max_epochs: int, settings: dict) -> None:
        """What is done before the first training, beyond fitting what is estimated."""

    def _published(self, images: bool) -> Published:
        return self.published_for_images if images else self.published_for_expression

    def _network(self, module_kwargs: dict, likelihood: str) -> str:
        """The network that was asked for, or that was published for such data."""
        shape = module_kwargs.get("image_shape")
        fits = shape is not None and likelihood == "bernoulli"
        network = module_kwargs.get("network")
        if network is None:
            convolve = self.convolves_images and fits and max(shape[:2]) >= SMALLEST_CONVOLVED
            return "convolutional" if convolve else "dense"
        check_network(network, fits)
        return network


class SingleArmVAEModel(AugmentationMixin, SingleArmModel, VAEMixin):
    """A baseline that is a VAE: it has a bound, and can be trained on copies of the cells (``augmenter``)."""

    def _check_module(self, module_kwargs: dict, likelihood: str) -> None:
        check_augmenter(module_kwargs.get("augmenter", "none"), likelihood, "image_shape" in module_kwargs)

    def _begin(self, train_indices: np.ndarray, max_epochs: int, settings: dict) -> None:
        self._prepare(train_indices, settings)
