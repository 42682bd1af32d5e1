"""A model's files: written whole, and read without running code that is in them."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, Self

import anndata
import mudata
from anndata import AnnData
from mudata import MuData
from scvi.data import AnnDataManager
from scvi.data._download import _download
from scvi.model._utils import parse_device_args
from scvi.model.base._constants import SAVE_KEYS

from mixvi.augment import Augmenter
from mixvi.files import written_whole
from mixvi.model.model_file import read_model_file, write_model_file
from mixvi.model.plain import OwnCode, from_plain, to_plain

SETUPS = {"setup_anndata": SAVE_KEYS.ADATA_FNAME, "setup_mudata": SAVE_KEYS.MDATA_FNAME}


class SavingMixin:
    """Saves and loads a model, with the arguments and in the layout of scvi-tools."""

    def save(
        self,
        dir_path: str | Path,
        prefix: str | None = None,
        overwrite: bool = False,
        save_anndata: bool = False,
        save_kwargs: dict | None = None,
        legacy_mudata_format: bool = False,
        datamodule: None = None,
        **anndata_write_kwargs: Any,
    ) -> None:
        """Save the model in a folder, all of it or nothing.

        Writes ``model.pt``: parameters, what was learned, the training history and where the cells are found, but
        neither the cells nor the state of the optimiser. It holds numbers and text only, so that
        :meth:`load` need not trust it. An older file is replaced when the new one is complete.

        Parameters
        ----------
        dir_path
            The folder, made if it does not exist.
        prefix
            What the names of the files begin with.
        overwrite
            Write into a folder that exists.
        save_anndata
            Save the cells beside it, as ``adata.h5ad`` or ``mdata.h5mu``.
        save_kwargs
            Arguments of :func:`torch.save`.
        legacy_mudata_format
            As in scvi-tools.
        datamodule
            For models that are trained on a datamodule, which those of mixvi are not.
        **anndata_write_kwargs
            Arguments of :meth:`anndata.AnnData.write_h5ad`, such as ``compression``.

        Raises
        ------
        ValueError
            If the folder exists and ``overwrite`` is False, or the model has no cells to save.
        TypeError
            If the model holds what a file of numbers and text cannot.
        OSError
            If files cannot be written; those that were there before are unchanged.

        Examples
        --------
        >>> model.save("cortex")  # doctest: +SKIP
        >>> CplMixVI.load("cortex", adata)  # doctest: +SKIP
        """
        _refuse_datamodule(datamodule)
        folder, prefix = Path(dir_path), prefix or ""
        if folder.exists() and not overwrite:
            raise ValueError(f"{folder} already exists. Choose another folder, or pass overwrite=True.")
        if save_anndata and self.adata is None:
            raise ValueError("The model was loaded without its cells: there are none to save.")
        attributes = {name: value for name, value in self._get_user_attributes() if name.endswith("_")}
        parts = {
            SAVE_KEYS.MODEL_STATE_DICT_KEY: self.module.state_dict(),
            SAVE_KEYS.VAR_NAMES_KEY: to_plain(self.get_var_names(legacy_mudata_format=legacy_mudata_format)),
            SAVE_KEYS.ATTR_DICT_KEY: {name: to_plain(value, name) for name, value in attributes.items()},
        }
        with _folder(folder), ExitStack() as written:
            if save_anndata:
                name = SAVE_KEYS.MDATA_FNAME if isinstance(self.adata, MuData) else SAVE_KEYS.ADATA_FNAME
                cells = written.enter_context(written_whole(folder / f"{prefix}{name}"))
                self.adata.write(cells, **anndata_write_kwargs)
            write_model_file(folder / f"{prefix}{SAVE_KEYS.MODEL_FNAME}", parts, **save_kwargs or {})

    @classmethod
    def load(
        cls,
        dir_path: str | Path,
        adata: AnnData | MuData | bool | None = None,
        accelerator: str = "auto",
        device: int | str = "auto",
        prefix: str | None = None,
        backup_url: str | None = None,
        datamodule: None = None,
        allowed_classes_names_list: list[str] | None = None,
        augmenter: str | Augmenter | dict[str, str | Augmenter] | None = None,
    ) -> Self:
        """A saved model. No code is run that may be in its file, so it need not be trusted.

        Parameters
        ----------
        dir_path
            The folder that it was saved in.
        adata
            Its cells, or others that are arranged like them, which are set up as they were. If None, those that were
            saved with it, if any; if False, none.
        accelerator, device
            Where it is put, as in scvi-tools.
        prefix
            What the names of the files begin with.
        backup_url
            Where the file is downloaded from if it is not there.
        datamodule
            For models that are trained on a datamodule, which those of mixvi are not.
        allowed_classes_names_list
            Names of further classes whose files may be loaded.
        augmenter
            The augmenter, of a model whose augmenter is the user's own code, which files do not hold. ``"none"`` is
            enough if the model is not to be trained further.

        Returns
        -------
        The model.

        Raises
        ------
        ValueError
            If the file is missing, damaged, of another class or from a newer version of mixvi, holds anything but
            numbers and text, or needs an augmenter; or if the cells do not fit.

        Examples
        --------
        >>> model = CplMixVI.load("cortex", adata)  # doctest: +SKIP
        >>> model.get_cell_types()  # doctest: +SKIP
        """
        _refuse_datamodule(datamodule)
        _, _, device = parse_device_args(accelerator, device, return_device="torch", validate_single_device=True)
        path = _model_path(dir_path, prefix)
        if backup_url is not None:
            _download(backup_url, str(path.parent), path.name)
        saved = read_model_file(path, device)
        attributes = _attributes(saved, path)
        registry = attributes.pop("registry_")
        if registry.get("model_name") not in (cls.__name__, *(allowed_classes_names_list or ())):
            raise ValueError(
                f"{path} is a {registry.get('model_name')}, not a {cls.__name__}: load it with that class."
            )
        arguments = _arguments(attributes["init_params_"], augmenter, path)
        adata = _saved_cells(path, registry, prefix) if adata is None else adata
        cells = None if adata is None or adata is False else adata
        if cells is not None:
            getattr(cls, registry["setup_method_name"])(cells, source_registry=registry, **registry["setup_args"])
        model = cls(cells, registry=registry, **arguments)
        for name, value in attributes.items():
            setattr(model, name, value)
        try:
            model.module.load_state_dict(saved[SAVE_KEYS.MODEL_STATE_DICT_KEY])
        except RuntimeError as error:
            raise ValueError(f"{path} is damaged: its parameters are not those of the model it describes.") from error
        model.to_device(device)
        model.module.eval()
        if cells is not None:
            model._validate_anndata(cells)
        return model

    @staticmethod
    def load_registry(dir_path: str | Path, prefix: str | None = None) -> dict:
        """Where a saved model finds its cells, read as safely as :meth:`load` reads.

        Parameters
        ----------
        dir_path, prefix
            As in :meth:`load`.

        Returns
        -------
        scvi-tools' registry.

        Raises
        ------
        ValueError
            As :meth:`load`.
        """
        path = _model_path(dir_path, prefix)
        return _attributes(read_model_file(path, "cpu"), path)["registry_"]

    @staticmethod
    def view_setup_args(dir_path: str | Path, prefix: str | None = None) -> None:
        """Print the arguments that a saved model's cells were set up with.

        Parameters
        ----------
        dir_path, prefix
            As in :meth:`load`.
        """
        AnnDataManager.view_setup_method_args(SavingMixin.load_registry(dir_path, prefix))

    @classmethod
    def convert_legacy_save(cls, *args: object, **kwargs: object) -> NoReturn:
        """Refuse: files from before scvi-tools 0.15 are pickles, and none is of a model of mixvi."""
        raise NotImplementedError("Files from before scvi-tools 0.15 hold no model of mixvi.")


def _model_path(dir_path: str | Path, prefix: str | None) -> Path:
    return Path(dir_path) / f"{prefix or ''}{SAVE_KEYS.MODEL_FNAME}"


def _refuse_datamodule(datamodule: object) -> None:
    if datamodule is not None:
        raise NotImplementedError("Models of mixvi take cells as AnnData or MuData, which may be backed by files.")


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Make a folder, and take it away again if the block fails."""
    there = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if not there:
            with suppress(OSError):  # somebody else's files are in it by now
                folder.rmdir()
        raise


def _attributes(saved: dict, path: Path) -> dict[str, Any]:
    """The model's attributes, if they look like those of a model."""
    try:
        attributes = {name: from_plain(value) for name, value in saved[SAVE_KEYS.ATTR_DICT_KEY].items()}
        registry, chosen = attributes["registry_"], attributes["init_params_"]
        known = registry["setup_method_name"] in SETUPS and isinstance(registry["setup_args"], dict)
        known = known and isinstance(chosen["kwargs"], dict) and isinstance(chosen["non_kwargs"], dict)
    except Exception as error:
        raise ValueError(f"{path} is damaged: it does not describe a model.") from error
    if not known or any(name.startswith("_") or not name.endswith("_") for name in attributes):
        raise ValueError(f"{path} is damaged: it does not describe a model.")
    return attributes


def _arguments(chosen: dict, augmenter: Any, path: Path) -> dict[str, Any]:
    """Arguments of the model's class, with code that the file does not hold put in its place."""
    groups = [chosen["non_kwargs"], *chosen["kwargs"].values()]
    saved = next((group for group in groups if "augmenter" in group), {"augmenter": None})
    missing = _own_code(saved["augmenter"])
    if augmenter is not None and not missing:
        raise ValueError(f"augmenter is for models whose augmenter is code of your own; that of {path} is none.")
    if isinstance(saved["augmenter"], dict) and isinstance(augmenter, dict):
        augmenter = saved["augmenter"] | augmenter
    if missing and (augmenter is None or _own_code(augmenter)):
        raise ValueError(
            f"The model was trained with an augmenter of your own, {missing[0]}, and model files hold no code. Pass it "
            "to load(augmenter=...), or 'none' if the model is not to be trained further."
        )
    if missing:
        saved["augmenter"] = augmenter
    return {name: value for group in groups for name, value in group.items()}


def _own_code(augmenter: Any) -> list[str]:
    """Names of functions that a file does not hold."""
    parts = augmenter.values() if isinstance(augmenter, dict) else [augmenter]
    return [part.name for part in parts if isinstance(part, OwnCode)]


def _saved_cells(path: Path, registry: dict, prefix: str | None) -> AnnData | MuData | None:
    """The cells that were saved beside the model, if any."""
    name = SETUPS[registry["setup_method_name"]]
    cells = path.parent / f"{prefix or ''}{name}"
    if not cells.exists():
        warnings.warn("No cells were saved with the model: it is loaded without any.", UserWarning, stacklevel=3)
        return None
    return mudata.read_h5mu(cells) if name == SAVE_KEYS.MDATA_FNAME else anndata.read_h5ad(cells)
