"""Genes that new cells lack."""

import warnings

import numpy as np
import torch
from scipy import sparse

from mixvi.nn import ExpressionProjection

LARGEST_SHARE = 0.2  # of what the encoders look at that may be missing
NAMED = 5  # names in a message, at most


def check_missing(genes: np.ndarray, present: np.ndarray, projection: ExpressionProjection | None) -> None:
    """Refuse cells that lack too many genes, and warn of those that lack a few.

    Parameters
    ----------
    genes
        The model's genes.
    present
        Which of them the cells have, boolean, shape ``(genes,)``.
    projection
        What tells how much each gene matters; None if every gene is needed.

    Raises
    ------
    ValueError
        If every gene is needed, or the missing ones are more than a fifth of what the encoders look at.
    """
    missing = genes[~present]
    if not len(missing):
        return
    what = f"{len(missing)} of the model's {len(genes)} genes are missing from adata: {some(missing)}"
    how = "Genes are matched by name in adata.var_names: are these names of the same kind as the model's?"
    if projection is None:
        raise ValueError(f"{what}. {how} Here all of them are needed.")
    share = projection.gene_weights()[torch.as_tensor(~present)].sum().item()
    if share > LARGEST_SHARE:
        raise ValueError(
            f"{what}. They are {share:.0%} of what the model looks at, and at most {LARGEST_SHARE:.0%} may be. {how}"
        )
    warnings.warn(
        f"{what}. They are {share:.1%} of what the model looks at, and are taken as expected in an average cell.",
        UserWarning,
        stacklevel=2,
    )


def impute(
    matrix: np.ndarray | sparse.spmatrix, present: np.ndarray, projection: ExpressionProjection
) -> np.ndarray | sparse.spmatrix:
    """Fill in genes that were not measured, with values that contribute nothing to the projection.

    Parameters
    ----------
    matrix
        Values of the measured genes, in the model's order, shape ``(cells, measured)``.
    present
        Which of the model's genes these are, boolean, shape ``(genes,)``.
    projection
        The model's projection.

    Returns
    -------
    All genes, shape ``(cells, genes)``, sparse if ``matrix`` is.
    """
    total = torch.as_tensor(np.asarray(matrix.sum(1), dtype=np.float32).ravel())
    expected = projection.expected_values(total, torch.as_tensor(~present)).cpu().numpy()
    order = np.argsort(np.concatenate([np.flatnonzero(present), np.flatnonzero(~present)]))
    if sparse.issparse(matrix):
        return sparse.hstack([matrix, sparse.csr_matrix(expected)], format="csc")[:, order].tocsr()
    return np.concatenate([matrix, expected], axis=1)[:, order]


def some(names: np.ndarray | list) -> str:
    """A few of the names, for a message.

    Parameters
    ----------
    names
        Names.

    Returns
    -------
    Up to five of them, separated by commas.

    Examples
    --------
    >>> some(["a", "b"])
    'a, b'
    """
    return ", ".join(map(str, names[:NAMED])) + (", …" if len(names) > NAMED else "")
