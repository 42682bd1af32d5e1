"""Augmenters applied one after the other."""

from torch import Tensor, nn

from mixvi.augment.affine import Affine
from mixvi.augment.protocol import Augmenter


class Compose(nn.Module):
    """The first augmenter makes the arms' copies, each further one changes every copy by itself (``"a+b"``).

    An augmenter that splits a cell among the arms therefore comes first.

    Parameters
    ----------
    augmenters
        At least one.

    Examples
    --------
    >>> import torch
    >>> from mixvi.augment import no_copies
    >>> Compose([no_copies, lambda x, n_arms: 2 * x.expand(n_arms, *x.shape)])(torch.ones(3, 4), 2).unique()
    tensor([2.])
    """

    def __init__(self, augmenters: list[Augmenter]):
        super().__init__()
        self.augmenters = list(augmenters)
        self.parts = nn.ModuleList(part for part in augmenters if isinstance(part, nn.Module))  # saved with the model
        whole = any(getattr(part, "reconstruct", "copy") == "original" for part in augmenters)
        self.reconstruct = "original" if whole else "copy"

    @property
    def turns_fully(self) -> bool:
        """Whether one of the augmenters turns images by any angle."""
        return any(getattr(part, "turns_fully", False) for part in self.augmenters)

    def fit(self, x: Tensor) -> None:
        """Give every augmenter that wants it a sample of the cells, shape ``(cells, genes)``."""
        for augmenter in self.augmenters:
            if hasattr(augmenter, "fit"):
                augmenter.fit(x)

    def forward(self, x: Tensor, n_arms: int) -> Tensor:
        """Copies of shape ``(arms, cells, genes)`` of the cells ``x``, shape ``(cells, genes)``."""
        first, *others = self.augmenters
        copies = first(x, n_arms)
        for augmenter in others:
            copies = augmenter(copies.flatten(0, 1), 1).view_as(copies)
        return copies


def affine_part(augmenter: Augmenter) -> Affine | None:
    """The affine maps of images that are, or are among, what makes the copies; None without any."""
    parts = getattr(augmenter, "augmenters", [augmenter])
    return next((part for part in parts if isinstance(part, Affine)), None)
