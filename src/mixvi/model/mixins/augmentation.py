"""The type-preserving augmenter of a model: training it, and using it."""

import logging
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from anndata import AnnData
from scvi import REGISTRY_KEYS
from scvi.train import Trainer

from mixvi.arguments import check_whole
from mixvi.augment import VAEGAN
from mixvi.loading import CellSplitter
from mixvi.model.defaults import default_max_epochs
from mixvi.model.seeding import seeded
from mixvi.train import AugmenterTrainingPlan

logger = logging.getLogger(__name__)

AUGMENTER_STEPS, AUGMENTER_BATCH = 1000, 128
IMAGE_STEPS, IMAGE_BATCH = 2000, 256  # what shows of a digit has to be learnt whole
SHARED_WITH_TRAIN = (
    "accelerator",
    "devices",
    "enable_progress_bar",
    "progress_bar_refresh_rate",
    "simple_progress_bar",
)


class AugmentationMixin:
    """Verbs about copies of cells."""

    def train_augmenter(self, max_epochs: int | None = None, batch_size: int | None = None, **trainer_kwargs) -> None:
        """Train the learned augmenter (``augmenter="vaegan"``), anew if it was trained before.

        :meth:`train` does this by itself if it has not been done. The arms are not touched. Losses are kept in
        ``augmenter_history_``, for every epoch. The generator is saved with the model, the discriminator is thrown
        away. When training fails or is interrupted, the model is as it was before.

        Parameters
        ----------
        max_epochs
            Passes over the cells; if None, as many as make about 1,000 steps, or 2,000 with images.
        batch_size
            Cells in a step; if None, 128, or 256 images.
        **trainer_kwargs
            Arguments of :class:`scvi.train.Trainer`, such as ``accelerator`` or ``enable_progress_bar``.

        Raises
        ------
        FloatingPointError
            If the loss becomes infinite.
        ValueError
            If the model has another augmenter or no cells, or an argument is out of its range.

        Examples
        --------
        >>> model = CplMixVI(adata, augmenter="vaegan")  # doctest: +SKIP
        >>> model.train_augmenter()  # doctest: +SKIP
        >>> model.augmenter_history_["log_prob"].plot()  # doctest: +SKIP
        """
        if not isinstance(self.module.augment, VAEGAN):
            raise ValueError(
                "Only augmenter='vaegan' is trained; this model has another one and needs no training of it."
            )
        self._check_training(max_epochs, batch_size)
        self._train_augmenter(self._split(1.0)[0], max_epochs, batch_size, trainer_kwargs)

    def augment(
        self, adata: AnnData | None = None, indices: Sequence[int] | None = None, n_samples: int = 1
    ) -> np.ndarray:
        """Copies of cells, as the arms see them in training.

        Writes ``.layers["cpl_augmented"]`` to ``adata``, the first copy of every cell, unless ``indices`` are given;
        genes that the model does not know are NaN in it. Copies are drawn from the model's seed.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        indices
            Positions of the cells; all if None.
        n_samples
            Copies of each cell.

        Returns
        -------
        Copies in the model's order of genes, in units of the data: shape ``(cells, genes)``, or
        ``(n_samples, cells, genes)`` if there are several.

        Raises
        ------
        RuntimeError
            If the augmenter is untrained.
        ValueError
            If the cells do not fit the model, or ``n_samples`` is below 1.

        Examples
        --------
        >>> model.augment()  # doctest: +SKIP
        >>> mixvi.pl.augmentation(adata, color="cpl_type")  # doctest: +SKIP
        """
        check_whole(n_samples=n_samples)
        augmenter, n_arms = self.module.augment, self.module.n_arms
        if not (augmenter.trained if isinstance(augmenter, VAEGAN) else self.is_trained_):
            raise RuntimeError(f"Call {type(self).__name__}.train() first: the augmenter is untrained.")
        batches = []
        with self._registered(adata) as cells, seeded(self.seed_), torch.inference_mode():
            for tensors in self._make_data_loader(cells, indices=indices, batch_size=1024):
                x = tensors[REGISTRY_KEYS.X_KEY].to(self.module.device, torch.float32)
                batches.append(torch.stack([augmenter(x, n_arms)[0] for _ in range(n_samples)]).cpu())
        copies = torch.cat(batches, 1).numpy()  # (samples, cells, genes)
        adata = self.adata if adata is None else adata
        if indices is None:
            layer = np.full(adata.shape, np.nan, np.float32)
            layer[:, adata.var_names.get_indexer(self.genes_)] = copies[0]
            adata.layers[f"{self._key_prefix}_augmented"] = layer
        return copies[0] if n_samples == 1 else copies

    def _prepare(self, train_indices: np.ndarray, trainer_kwargs: dict) -> None:
        """Train the augmenter before the arms, if it has to be and has not been."""
        augmenter = self.module.augment
        if isinstance(augmenter, VAEGAN) and not augmenter.trained and self.module.makes_copies:
            shared = {name: trainer_kwargs[name] for name in SHARED_WITH_TRAIN if name in trainer_kwargs}
            self._train_augmenter(train_indices, None, None, shared)

    def _train_augmenter(
        self, train_indices: np.ndarray, max_epochs: int | None, batch_size: int | None, trainer_kwargs: dict
    ) -> None:
        """Train a copy of the augmenter, and keep it when all went well."""
        n_cells = len(train_indices)
        images = self.module.augment.image
        batch_size = batch_size or (IMAGE_BATCH if images else AUGMENTER_BATCH)
        n_steps = IMAGE_STEPS if images else AUGMENTER_STEPS
        max_epochs = max_epochs or default_max_epochs(n_cells, batch_size, n_steps)
        logger.info("Training the augmenter.")
        with seeded(self.seed_):
            generator = self.module.augment.untrained()
            _, x = self._sample_cells(train_indices)
            generator.fit(x)
            left_out = np.setdiff1d(np.arange(self.adata.n_obs), train_indices)
            data = CellSplitter(
                self.adata_manager,
                external_indexing=[train_indices, np.array([], dtype=int), left_out],
                batch_size=batch_size,
                drop_last=n_cells > batch_size,
            )
            device = {"accelerator": "cuda" if torch.cuda.is_available() else "cpu", "devices": 1}
            trainer = Trainer(max_epochs=max_epochs, **device | trainer_kwargs)
            data.setup()
            with warnings.catch_warnings():  # of modules in evaluation mode: the generator always is
                warnings.filterwarnings("ignore", message="Found .* in eval mode")
                trainer.fit(AugmenterTrainingPlan(generator, x), data.train_dataloader())
        self.module.augment = generator.to(self.module.device)
        self.augmenter_history_ = trainer.logger.history
