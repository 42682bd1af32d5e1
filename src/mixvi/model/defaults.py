"""Defaults that depend on the data, but never on labels."""

import math

import torch

from mixvi.model.checks import DataSummary

TRAINING_STEPS = 1000  # at most
EPOCHS = (4, 400)  # at least, at most
BATCH_SIZE = (64, 512)
IMAGE_NETWORK = {"n_hidden": 400, "n_bottleneck": 400, "dropout_rate": 0.0, "smoothness_weight": 100.0}
IMAGE_STEPS, IMAGE_BATCH_SIZE = 6500, 256  # of training
IMAGE_PLAN = {"lr": 1e-3, "decay_share": 0.6, "start_share": 0.2}
POSE_PLAN = {"start_share": 0.9, "start_weight": 300.0}  # to tell objects in any pose takes long to learn
IMAGE_COUPLING = {"marginal_weight": 2.0}  # of "mutual_information"; kinds of images are about equally frequent
MOE_IMAGE_NETWORK = {
    "encoder_widths": (400, 400),
    "n_hidden": 400,
    "n_components": None,
    "smoothness_weight": 100.0,
}
PANEL = 64  # features that are few enough to have been chosen one by one


def default_likelihood(data: DataSummary, images: bool = False) -> str:
    """Negative binomial for counts, Gaussian for other non-negative values; Bernoulli for pixels in [0, 1].

    Parameters
    ----------
    data
        What the values are.
    images
        Whether they are pixels, which are never counts.

    Returns
    -------
    ``"nb"``, ``"normal"`` or ``"bernoulli"``.

    Raises
    ------
    ValueError
        If there are negative values, which are neither counts nor log-normalised.
    """
    if images:
        return "bernoulli" if data.minimum >= 0 and data.maximum <= 1 else "normal"
    if data.minimum < 0:
        raise ValueError(
            f"The smallest value is {data.minimum:.3g}: these are neither counts nor log-normalised values, perhaps "
            "they are scaled. Name the layer with raw counts or log-normalised values in setup_anndata(layer=...), or "
            "pass likelihood='normal' to the model if negative values are meant."
        )
    return "nb" if data.integers else "normal"


def default_max_categories(n_cells: int) -> int:
    """An upper bound of the number of types: the square root of the number of cells, from 10 to 200.

    Parameters
    ----------
    n_cells
        Number of cells.

    Returns
    -------
    The bound; never more than half the number of cells.
    """
    return max(2, min(max(10, math.isqrt(n_cells)), 200, n_cells // 2))


def default_batch_size(n_cells: int, images: bool = False) -> int:
    """A power of two, about an eighth of the cells, from 64 to 512, of images to 256.

    Parameters
    ----------
    n_cells
        Number of cells.
    images
        Whether they are images.

    Returns
    -------
    The batch size.
    """
    low, high = BATCH_SIZE
    return min(IMAGE_BATCH_SIZE if images else high, max(low, 2 ** round(math.log2(max(1, n_cells / 8)))))


def default_max_epochs(n_cells: int, batch_size: int, n_steps: int = TRAINING_STEPS) -> int:
    """As many epochs as make a number of training steps, from 4 to 400.

    Parameters
    ----------
    n_cells
        Number of cells that are trained on.
    batch_size
        Cells in a step.
    n_steps
        Training steps.

    Returns
    -------
    The number of epochs.
    """
    low, high = EPOCHS
    return min(high, max(low, math.ceil(n_steps / math.ceil(n_cells / batch_size))))


def training_device(trainer_kwargs: dict) -> str:
    """Kind of device that a training will be on.

    Parameters
    ----------
    trainer_kwargs
        Arguments of the trainer, of which ``accelerator`` is looked at.

    Returns
    -------
    ``"cpu"``, ``"cuda"`` or ``"mps"``, or what else was named.

    Examples
    --------
    >>> training_device({"accelerator": "cpu"})
    'cpu'
    """
    match trainer_kwargs.get("accelerator", "auto"):
        case "auto" if not (torch.cuda.is_available() or torch.backends.mps.is_available()):
            return "cpu"
        case "auto" | "gpu":
            return "cuda" if torch.cuda.is_available() else "mps"
        case named:
            return str(named)
