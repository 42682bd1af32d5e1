"""The discrete half of the answer: which type a cell is."""

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from torch import Tensor

from mixvi.arguments import check_between, check_names

UNASSIGNED = "unassigned"


def consensus(log_q: Tensor) -> Tensor:
    """The arms' joint posterior of the category: their normalised geometric mean.

    ``q(c|x_1..x_A) ∝ Π_a q(c|x_a)`` (section 3.1), with the exponent ``1/A`` since the arms look at the same cell.

    Parameters
    ----------
    log_q
        Log-probabilities, shape ``(arms, cells, categories)``.

    Returns
    -------
    Log-probabilities, shape ``(cells, categories)``.
    """
    return log_q.mean(0).log_softmax(-1)


class TypesMixin:
    """Verbs about types."""

    temperature_ = 1.0  # of the probabilities; CplMixVI fits it
    _n_copies = 0  # of each cell, shown to each arm beside the cell itself

    def get_cell_types(
        self,
        adata: AnnData | None = None,
        key_added: str | None = None,
        min_confidence: float | None = None,
        batch_size: int | None = None,
        outliers: bool = True,
    ) -> pd.Series:
        """The type of every cell, by consensus of the arms.

        Writes to ``adata`` (with the default ``key_added``):

        - ``.obs["cpl_type"]``: categorical, ``"0"`` the largest type of the training cells, ``"1"`` the next, …
          Training the model further orders them anew.
        - ``.obs["cpl_confidence"]``: probability of that type, from 0 to 1; calibrated after training, without labels.
        - ``.obs["cpl_agreement"]``: share of the arms that choose it, from 0 to 1, when they are shown the cell itself
          and two augmented copies each, if the model has arms. Copies are drawn from the model's seed; those that split
          a cell hold less than it does, so that agreement may be lower than confidence.
        - ``.obs["cpl_outlier_score"]``: how badly the type, in any state, explains the cell; above 1 is worse than for
          99 of 100 training cells.
        - ``.obs["cpl_outlier"]``: whether it is above 1. Such a cell may be of a type that the model does not know.

        Of other models the names begin with their own prefix, such as ``moe``, and only :class:`~mixvi.CplMixVI`
        calibrates the confidence and knows outliers.

        Parameters
        ----------
        adata
            Cells to type, seen in training or not; the training cells if None. Genes are matched by name. Missing ones
            are taken as expected in an average cell, with a warning, if they are at most a fifth of what the model
            looks at. Cells of batches that the model has not seen are taken as those of an average batch, with a
            warning; see :meth:`~mixvi.CplMixVI.load_query_data`.
        key_added
            Column for the types; ``_type`` at its end is replaced by ``_confidence`` and so on (or these are appended)
            for the other columns. ``"cpl_type"`` if None.
        min_confidence
            Cells below this confidence are ``"unassigned"``.
        batch_size
            Cells in a batch; changes nothing but the speed.
        outliers
            Tell outliers, which takes more than half of the time: every cell is decoded.

        Returns
        -------
        The types, indexed by cell name.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model, or ``min_confidence`` is not between 0 and 1.

        Examples
        --------
        >>> model.get_cell_types()  # doctest: +SKIP
        >>> sc.pl.umap(adata, color=["cpl_type", "cpl_confidence"])  # doctest: +SKIP
        """
        check_between(0, 1, min_confidence=min_confidence)
        check_names(key_added=key_added)
        key_added = key_added or f"{self._key_prefix}_type"

        def types_of(h: Tensor, log_q: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
            of_copies, cells = (more[:1], more[1:]) if self._n_copies else ((), more)
            confidence, kind = consensus(self._by_type(log_q)).max(-1)
            votes = self._by_type(torch.cat([log_q[None], *of_copies])).argmax(-1)  # (1 + copies, arms, cells)
            score = (torch.as_tensor(rule.score(self._misfit(h, kind, *cells).cpu().numpy())),) if rule else ()
            return kind, confidence.exp(), (votes == kind).float().mean((0, 1)), *score

        rule = getattr(self, "outlier_rule_", None) if outliers else None
        answers = self._run(adata, batch_size, types_of, n_copies=self._n_copies, with_cells=rule is not None)
        kind, confidence, agreement, *score = (part.numpy() for part in answers)
        levels = self.type_names
        labels = np.array(levels, dtype=object)[kind]
        if min_confidence is not None:
            labels[confidence < min_confidence] = UNASSIGNED
            levels.append(UNASSIGNED)

        adata = self.adata if adata is None else adata
        stem = key_added.removesuffix("_type")
        adata.obs[key_added] = pd.Categorical(labels, categories=levels).remove_unused_categories()
        adata.obs[f"{stem}_confidence"] = confidence
        if hasattr(self.module, "n_arms"):
            adata.obs[f"{stem}_agreement"] = agreement
        if rule:
            adata.obs[f"{stem}_outlier_score"], adata.obs[f"{stem}_outlier"] = *score, score[0] > 1
        return adata.obs[key_added]

    def get_type_probabilities(
        self, adata: AnnData | None = None, key_added: str | None = None, batch_size: int | None = None
    ) -> pd.DataFrame:
        """Consensus probability of every type for every cell.

        Writes ``.obsm["X_cpl_prob"]`` to ``adata``, cells × types, in the order of the type names.

        Parameters
        ----------
        adata
            Cells, as in :meth:`get_cell_types`.
        key_added
            Key in ``.obsm``; ``"X_cpl_prob"`` if None.
        batch_size
            Cells in a batch; changes nothing but the speed.

        Returns
        -------
        Probabilities, cells × types; rows sum to one.

        Raises
        ------
        RuntimeError
            If the model is untrained.
        ValueError
            If the cells do not fit the model.

        Examples
        --------
        >>> model.get_type_probabilities().sum(axis=1)  # doctest: +SKIP
        """
        check_names(key_added=key_added)
        (log_p,) = self._run(adata, batch_size, lambda _, log_q: (consensus(self._by_type(log_q)),))
        probabilities = log_p.exp().numpy()
        adata = self.adata if adata is None else adata
        adata.obsm[key_added or f"X_{self._key_prefix}_prob"] = probabilities
        return pd.DataFrame(probabilities, index=adata.obs_names, columns=self.type_names)

    @property
    def type_names(self) -> list[str]:
        """Names of the types, ``"0"`` for the one with most training cells, and so on."""
        return [str(rank) for rank in range(len(self.type_order_))]

    def _by_type(self, log_q: Tensor) -> Tensor:
        """From the module's categories to the types that hold training cells, in the order of their names; calibrated.

        The result need not be normalised.
        """
        return log_q[..., torch.as_tensor(self.type_order_, device=log_q.device)] / self.temperature_

    def _order_types(self) -> None:
        """Find the categories that hold training cells, the largest first."""
        (category,) = self._run(None, None, lambda _, log_q: (consensus(log_q).argmax(-1),))
        size = np.bincount(category.numpy(), minlength=self.module.n_categories)
        self.type_order_ = np.argsort(-size, kind="stable")[: np.count_nonzero(size)]
