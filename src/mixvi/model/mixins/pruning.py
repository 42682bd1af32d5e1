"""Choosing the number of types: giving up those that the arms do not agree on."""

import logging
import math

import numpy as np
import pandas as pd
import torch
from scvi import REGISTRY_KEYS
from torch import Tensor

from mixvi.arguments import check_between
from mixvi.images import shape_of_images
from mixvi.model.defaults import default_batch_size
from mixvi.model.mixins.consensus import N_COPIES
from mixvi.model.mixins.sampling import FITTED_CELLS
from mixvi.model.mixins.types import consensus
from mixvi.model.restoring import restored_on_failure
from mixvi.train import Pruning, align_batches, inherited_shares, superfluous

logger = logging.getLogger(__name__)

TUNING_STEPS = 100  # of training after each round
MIN_CONSENSUS = 0.95
MIN_CONSENSUS_OF_IMAGES = 0.9  # while training, for on images arms agree better to the end
RISING = 0.01  # of their consensus between looks, which is waited for
SEEN_IN_TRAINING = 4_000  # cells that are looked at again and again


class PruningMixin:
    """Starts from many types and ends with those that can be told apart."""

    def prune_categories(
        self,
        min_consensus: float = MIN_CONSENSUS,
        by_gaps: bool | None = None,
        batch_size: int | None = None,
        **trainer_kwargs,
    ) -> pd.DataFrame:
        """Give up types that the arms do not agree on, until all that are left are agreed on.

        In rounds: the arms' consensus on each type is taken on augmented copies of training cells
        (:meth:`get_arm_consensus`); of types below ``min_consensus`` that are taken for each other the least agreed one
        is given up, and its cells and its share of them go to the types that are next in line; the model is trained
        for about 100 steps. Types given up do not come back.

        By itself consensus also falls between true types that are close, where counts are few, and is high between
        pieces of one type that was cut along a strong state. Therefore types between which there is a gap are spared,
        and of nearest types between which there is none the smaller one goes, unless ``by_gaps=False``, which is the
        rule of MMIDAS. Types that hold no cell always go.

        Writes ``.uns["cpl_pruning"]`` after each round (``"curve"``, as returned, and ``"min_consensus"``), and
        ``.uns["cpl_consensus"]`` at the end. Every round leaves a complete model: when one fails or is interrupted, the
        model is as it was before that round, and pruning can go on, also after saving and loading.

        Parameters
        ----------
        min_consensus
            Consensus from which on a type stays, from 0 to 1.
        by_gaps
            Keep types below it that a gap between cells separates from the type that they are most often taken for, and
            give up those that no gap separates from the nearest one. If None, True, but False for images: kinds of
            images are a continuum of pixels.
        batch_size
            Cells in a training step, as in :meth:`train`.
        **trainer_kwargs
            Arguments of :class:`scvi.train.Trainer`, such as ``accelerator`` or ``enable_progress_bar``.

        Returns
        -------
        The consensus curve, one row a round: ``"n_types"``, mean and lowest consensus (``"mean"``, ``"min"``) and
        ``"n_given_up"`` thereafter, 0 in the last round.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the model has one arm or no cells, or an argument is out of its range.

        Examples
        --------
        >>> model = CplMixVI(adata, n_categories=60)  # doctest: +SKIP
        >>> model.train()  # doctest: +SKIP
        >>> model.prune_categories()  # doctest: +SKIP
        >>> mixvi.pl.consensus(adata)  # doctest: +SKIP
        """
        check_between(0, 1, min_consensus=min_consensus)
        self._check_arms()
        self._check_training(None, batch_size)
        self._check_if_trained(warn=False, message=f"Call {type(self).__name__}.train() first: the model is untrained.")
        train_indices = self._split(1.0)[0]
        batch_size = batch_size or default_batch_size(len(train_indices))
        n_epochs = math.ceil(TUNING_STEPS * batch_size / len(train_indices))
        index, scores = self._watched(train_indices, by_gaps=by_gaps)
        pruned = False
        while not pruned:
            with restored_on_failure(self):
                given_up = self._give_up(index, scores, min_consensus)
                if pruned := not given_up:
                    break
                self.train(max_epochs=n_epochs, batch_size=batch_size, **trainer_kwargs)
            self._write_pruning(min_consensus)
        self._write_pruning(min_consensus)
        self.get_arm_consensus()
        return self.pruning_.copy()

    def _pruning(self, train_indices: np.ndarray) -> Pruning:
        """What gives up types during a training, with the defaults of :meth:`prune_categories` but for images."""
        index, scores = self._watched(train_indices, SEEN_IN_TRAINING)
        loader = self._make_data_loader(self.adata, indices=index, batch_size=len(index))
        n_copies = N_COPIES if self._makes_copies else 0
        how = (MIN_CONSENSUS_OF_IMAGES, RISING) if shape_of_images(self.adata) else (MIN_CONSENSUS,)
        return Pruning(next(iter(loader)), scores, n_copies, *how)

    def _after_pruning(self, pruning: Pruning) -> None:
        """Keep and show the rounds of a training."""
        self.init_params_["non_kwargs"]["n_categories"] = self.module.n_categories
        for consensus_of_types, n_given_up in pruning.rounds:
            self._record(consensus_of_types, n_given_up)
        if pruning.rounds:
            self._write_pruning(pruning.min_consensus)
            self.get_arm_consensus()

    def _watched(
        self, train_indices: np.ndarray, most: int = FITTED_CELLS, by_gaps: bool | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Cells on which consensus is taken: their positions, and their projection, batches aligned, for the gaps."""
        index, x = self._sample_cells(train_indices, most)
        if by_gaps is False or (by_gaps is None and shape_of_images(self.adata)):
            return index, None
        batch = self.adata_manager.get_from_registry(REGISTRY_KEYS.BATCH_KEY).ravel()[index]
        return index, align_batches(self.module.projection(x.to(self.module.device)).cpu().numpy(), batch)

    def _give_up(self, index: np.ndarray, scores: np.ndarray | None, min_consensus: float) -> int:
        """Record the consensus and cut out the types that do not reach it; their number."""

        def look(_: Tensor, log_q: Tensor, of_copies: Tensor) -> tuple[Tensor, Tensor]:
            return consensus(self._by_type(log_q)), self._votes(log_q, of_copies)

        self._cut(self.type_order_)
        log_p, votes = self._run(None, None, look, index, n_copies=N_COPIES)
        matrix, types = self._consensus_of(votes), log_p.argmax(-1).numpy()
        given_up = superfluous(matrix, types, min_consensus, scores)
        self._record(np.diag(matrix), len(given_up))
        if len(given_up):
            kept = np.setdiff1d(np.arange(len(matrix)), given_up)
            heirs = log_p[:, kept].argmax(-1).numpy()
            shares = inherited_shares(self.module.shares.cpu().numpy(), types, heirs, kept)
            self._cut(kept)
            self.module.shares.copy_(torch.as_tensor(shares))
            logger.info("Pruning: %d of %d types are given up.", len(given_up), len(matrix))
        return len(given_up)

    def _cut(self, kept: np.ndarray) -> None:
        """Keep these categories alone, in this order."""
        self.module.keep_categories(torch.as_tensor(kept, device=self.module.device))
        self.type_order_ = np.arange(len(kept))
        self.init_params_["non_kwargs"]["n_categories"] = len(kept)

    def _record(self, consensus_of_types: np.ndarray, n_given_up: int) -> None:
        """Add a round to the curve, in place of one that had found nothing to give up."""
        curve = [] if self.pruning_ is None else self.pruning_.to_dict("records")
        if curve and curve[-1]["n_given_up"] == 0:
            curve.pop()
        row = {"n_types": len(consensus_of_types), "mean": consensus_of_types.mean(), "min": consensus_of_types.min()}
        self.pruning_ = pd.DataFrame([*curve, row | {"n_given_up": n_given_up}])

    def _write_pruning(self, min_consensus: float) -> None:
        """Show the curve in the cells' ``.uns``, and the number of types in the model's summary."""
        written = {"curve": self.pruning_.copy(), "min_consensus": min_consensus}
        self.adata.uns[f"{self._key_prefix}_pruning"] = written
        self._update_summary()
