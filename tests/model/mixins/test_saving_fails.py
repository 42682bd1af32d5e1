"""Saving that cannot be done: what was there stays, and nothing is left half-written."""

import errno

import pytest
import torch

from mixvi import CplMixVI
from mixvi.model.model_file import read_model_file


@pytest.fixture
def saved(trained, tmp_path):
    """The folder of a saved model."""
    trained.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_that_exists_is_kept(trained, saved):
    before = (saved / "model.pt").read_bytes()
    with pytest.raises(ValueError, match="already exists. Choose another folder, or pass overwrite=True"):
        trained.save(saved)
    assert (saved / "model.pt").read_bytes() == before
    trained.save(saved, overwrite=True)
    assert read_model_file(saved / "model.pt").keys() == {"model_state_dict", "var_names", "attr_dict"}


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def full_disk_for_torch(parts, file, **kwargs):
    file.write(b"half")
    raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 704 vs 598")


def interrupt(parts, file, **kwargs):
    file.write(b"half")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fails", "error"),
    [(full_disk, OSError), (full_disk_for_torch, OSError), (interrupt, KeyboardInterrupt)],
)
def test_a_save_that_fails_changes_nothing(fails, error, trained, saved, tmp_path, monkeypatch):
    (saved / "adata.h5ad").write_text("older cells")
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    monkeypatch.setattr(torch, "save", fails)
    with pytest.raises(error):
        trained.save(saved, overwrite=True, save_anndata=True)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    with pytest.raises(error):
        trained.save(tmp_path / "new" / "folder", save_anndata=True)
    assert not (tmp_path / "new" / "folder").exists()


def test_a_full_disk_while_cells_are_written(trained, saved, monkeypatch):
    before = (saved / "model.pt").read_bytes()
    monkeypatch.setattr(type(trained.adata), "write_h5ad", full_disk)
    monkeypatch.setattr(type(trained.adata), "write", full_disk)
    with pytest.raises(OSError, match="No space left"):
        trained.save(saved, overwrite=True, save_anndata=True)
    assert [path.name for path in saved.iterdir()] == ["model.pt"]
    assert (saved / "model.pt").read_bytes() == before


def test_a_path_where_no_folder_can_be(trained, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OSError):
        trained.save(tmp_path / "file" / "model")
    with pytest.raises(OSError):
        trained.save(tmp_path / "file", overwrite=True)
    assert (tmp_path / "file").read_text() == "mine"


def test_no_cells_to_save(saved, tmp_path):
    with pytest.raises(ValueError, match="there are none to save"):
        CplMixVI.load(saved, adata=False).save(tmp_path / "new", save_anndata=True)
    assert not (tmp_path / "new").exists()


def test_datamodules_are_refused(trained, saved, tmp_path):
    for use in (lambda: trained.save(tmp_path / "new", datamodule=3), lambda: CplMixVI.load(saved, datamodule=3)):
        with pytest.raises(NotImplementedError, match="AnnData or MuData"):
            use()
