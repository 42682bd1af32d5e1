"""What an augmenter is."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Augmenter(Protocol):
    """Makes type-preserving copies of cells, one for each arm (section 3.1).

    Any callable with this signature is an augmenter. Two optional members refine it: an attribute
    ``reconstruct = "original"`` says that the copies only hide a part of the cell, so that the arms are to
    reconstruct the cell itself (the default is ``"copy"``, as in the papers), and a method ``fit(x)`` is given a sample
    of the training cells, shape ``(cells, genes)``, before the training starts.
    """

    def __call__(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        ...
