"""VaDEVI: VaDE, a variational deep embedding."""

import math

import numpy as np
import torch
from anndata import AnnData
from numpy.typing import ArrayLike
from scvi.model.base import UnsupervisedTrainingMixin
from sklearn.mixture import GaussianMixture

from mixvi.arguments import check_whole
from mixvi.model.published import Published
from mixvi.model.single import SingleArmVAEModel
from mixvi.module import VaDE
from mixvi.train import VaDETrainingPlan

PRETRAINING_SHARE = 1 / 6  # of the epochs: 50 beside the 300 of the paper
PRETRAINING_STEPS = 1000  # at least, in a short training; but not more epochs than follow
MIXTURE_CELLS = 20_000  # enough to fit the mixture to


class VaDEVI(SingleArmVAEModel):
    """VaDE (Jiang et al. 2017): a VAE whose latent is a mixture of Gaussians, one a type.

    Training begins as an auto-encoder; then a Gaussian mixture is fitted to its latents, and the whole is trained. The
    state of a cell is its latent in units of its type's Gaussian. Settings are those of the paper (digits).

    Parameters
    ----------
    adata
        Cells × genes, prepared with :meth:`~mixvi.JointVI.setup_anndata`, or images × pixels from
        :func:`mixvi.images.to_anndata`.
    n_categories
        Number of types. If None, 10 for images, else the square root of the number of cells, from 10 to 200.
    n_state
        Dimensions of the latent. If None, 10.
    likelihood
        As in :class:`mixvi.CplMixVI`.
    seed
        Everything random follows from it.
    registry
        Used by scvi-tools when a model is loaded without data.
    **module_kwargs
        Arguments of :class:`~mixvi.module.VaDE`.

    Raises
    ------
    ValueError
        If the data or an argument cannot be used.

    Examples
    --------
    >>> adata = mixvi.datasets.load("mnist")  # doctest: +SKIP
    >>> VaDEVI.setup_anndata(adata)  # doctest: +SKIP
    >>> model = VaDEVI(adata, n_categories=10)  # doctest: +SKIP
    >>> model.train()  # doctest: +SKIP
    >>> model.generate("0", 10, threshold=0.999)  # doctest: +SKIP
    """

    _module_cls = VaDE
    _training_plan_cls = VaDETrainingPlan
    _key_prefix = "vade"
    convolves_images = False
    published_for_images = Published(
        n_steps=210_000,
        batch_size=100,
        n_state=10,
        module={"n_hidden": (500, 500, 2000), "normalise": False},
    )
    published_for_expression = Published(n_steps=40_000, batch_size=128, n_state=10)

    def train(self, *args, pretraining_epochs: int | None = None, **kwargs) -> None:
        """Train the auto-encoder the first time, then the whole model.

        The losses of the auto-encoder are kept in ``pretraining_history_``.

        Parameters
        ----------
        *args, **kwargs
            As in :meth:`mixvi.JointVI.train`; they are about the whole model.
        pretraining_epochs
            Passes over the cells of the auto-encoder; if None, a sixth of the others, as published, or in a short
            training as many as make 1,000 steps, but not more than the others.

        Raises
        ------
        FloatingPointError
            If the loss becomes infinite.
        ValueError
            If an argument is out of its range.

        Examples
        --------
        >>> model.train(max_epochs=20, pretraining_epochs=20)  # doctest: +SKIP
        """
        check_whole(pretraining_epochs=pretraining_epochs)
        self.pretraining_epochs_ = pretraining_epochs
        super().train(*args, **kwargs)

    def generate(
        self,
        category: str | int,
        n: int,
        noise: bool | None = None,
        seed: int | None = None,
        state: ArrayLike | None = None,
        threshold: float = 0.999,
    ) -> AnnData:
        """Generate cells that are surely of a type: latents with ``p(c|z)`` above a threshold are kept.

        How many have to be drawn for one that is kept depends on how far types are apart.

        Parameters
        ----------
        category, n, noise, seed, state
            As in :meth:`mixvi.JointVI.generate`; given states are all kept.
        threshold
            From 0, which keeps all, to 1.

        Returns
        -------
        The cells, as in :meth:`mixvi.JointVI.generate`.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If an argument is out of its range, or hardly any cell of the type passes the threshold.

        Examples
        --------
        >>> model.generate("0", 100, threshold=0.99)  # doctest: +SKIP
        """
        if not 0 <= threshold < 1:
            raise ValueError(f"threshold={threshold} must be at least 0 and below 1.")
        return self._generate(category, n, noise, seed, self._as_states(state, n), threshold=threshold)

    def _begin(self, train_indices: np.ndarray, max_epochs: int, settings: dict) -> None:
        """Train the auto-encoder, and start from a mixture of its latents."""
        super()._begin(train_indices, max_epochs, settings)
        plan_kwargs = {"autoencode": True, "lr": 1e-3}
        enough = math.ceil(PRETRAINING_STEPS * settings["batch_size"] / len(train_indices))
        n_epochs = self.pretraining_epochs_ or max(math.ceil(PRETRAINING_SHARE * max_epochs), min(enough, max_epochs))
        UnsupervisedTrainingMixin.train(self, max_epochs=n_epochs, plan_kwargs=plan_kwargs, **settings)
        self.pretraining_history_, self.history_, self.is_trained_ = self.history_, None, False
        self._start_mixture(train_indices)

    @torch.no_grad()
    def _start_mixture(self, train_indices: np.ndarray) -> None:
        """Fit the mixture to the latents of training cells, and start from it."""
        index = np.random.default_rng(self.seed_).permutation(train_indices)[:MIXTURE_CELLS]
        batches, module = [], self.module.eval()
        for tensors in self._make_data_loader(self.adata, indices=index, batch_size=1024):
            h, _ = module.encode_cells(**module._get_inference_input(tensors))
            batches.append(torch.stack(module.encoder.infer_latent(h))[:, 0].cpu())
        mean, log_var = torch.cat(batches, 1).double()  # (cells, n_latent)
        mixture = GaussianMixture(module.n_categories, covariance_type="diag", n_init=5, random_state=self.seed_)
        mixture.fit(mean.numpy())
        fitted = (torch.as_tensor(part) for part in (mixture.weights_, mixture.means_, mixture.covariances_))
        module.encoder.start_at(*fitted, log_var.mean(0))
