"""The file of a model: read without running anything that is in it, written whole or not at all."""

import pickle
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import torch
from scvi.model.base._constants import SAVE_KEYS

from mixvi.files import written_whole

FORMAT = 1  # raised when older versions of mixvi cannot read what is written
WRITER = "mixvi"
PARTS = (SAVE_KEYS.MODEL_STATE_DICT_KEY, SAVE_KEYS.VAR_NAMES_KEY, SAVE_KEYS.ATTR_DICT_KEY)


def write_model_file(path: Path, parts: dict[str, Any], **kwargs: Any) -> None:
    """Write a model file in the layout of scvi-tools, whole or not at all.

    Parameters
    ----------
    path
        The file, in a folder that exists.
    parts
        Parameters of the networks, names of the genes and attributes, by scvi-tools' names; tensors and plain values,
        see :func:`~mixvi.model.plain.to_plain`.
    **kwargs
        Arguments of :func:`torch.save`.

    Raises
    ------
    OSError
        If it cannot be written; an older file is then still there.
    """
    parts = {WRITER: {"format": FORMAT, "version": version("mixvi")}} | parts
    with written_whole(path) as temporary, temporary.open("wb") as file:
        try:
            torch.save(parts, file, **kwargs)
        except RuntimeError as error:  # which torch makes of the system's
            raise OSError(f"{path} could not be written: {error}") from error


def read_model_file(path: Path, map_location: str | torch.device | None = None) -> dict[str, Any]:
    """Read a model file; only numbers, text and containers of them are read.

    Parameters
    ----------
    path
        The file.
    map_location
        Where tensors are put, as in :func:`torch.load`.

    Returns
    -------
    What :func:`write_model_file` was given.

    Raises
    ------
    ValueError
        If the file is missing, damaged, from a newer version of mixvi, or holds anything else, such as code. Nothing
        in it has then been run.
    """
    if not path.is_file():
        raise ValueError(f"There is no model file {path}. Pass the folder (and prefix) that save() was given.")
    with path.open("rb") as file:
        _check_whole(path, file)
        try:
            saved = torch.load(file, map_location=map_location, weights_only=True)
        except pickle.UnpicklingError as error:
            raise ValueError(
                f"{path} was not read: it holds more than numbers and text, and reading that could run code of whoever "
                "made it. mixvi reads what its own save() wrote, not files of other models or pickles."
            ) from error
        except Exception as error:
            raise ValueError(_damaged(path)) from error
    _check_version(path, saved)
    return {name: saved[name] for name in PARTS}


def _check_whole(path: Path, file: BinaryIO) -> None:
    """Refuse a file that is cut off or was changed."""
    try:
        with zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
    except Exception as error:
        raise ValueError(_damaged(path)) from error
    if damaged is not None:
        raise ValueError(_damaged(path))
    file.seek(0)


def _check_version(path: Path, saved: Any) -> None:
    writer = saved.get(WRITER) if isinstance(saved, dict) else None
    if not isinstance(writer, dict) or not isinstance(writer.get("format"), int):
        raise ValueError(f"{path} is no model file of mixvi. Load it with the package that wrote it.")
    if writer["format"] != FORMAT:
        raise ValueError(
            f"{path} was written by mixvi {writer.get('version')}, in format {writer['format']}; this is mixvi "
            f"{version('mixvi')}, which reads format {FORMAT}. Install the version that wrote it."
        )
    if not all(isinstance(saved.get(name), dict) for name in (PARTS[0], PARTS[2])) or PARTS[1] not in saved:
        raise ValueError(_damaged(path))


def _damaged(path: Path) -> str:
    return f"{path} is damaged or incomplete: it cannot be read. Copy it again, or save the model again."
