"""Files of models: complete, exact, harmless."""

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from scvi.model.base import BaseModelClass
from scvi.model.base._save_load import _load_saved_files
from scvi.train import SaveCheckpoint

from mixvi import CascadeVI, CplMixVI, InfoGANVI, JointVI, MoESimVI, VaDEVI
from mixvi.datasets import simulate_modalities, simulate_types_and_states
from mixvi.model.mixins.saving import SavingMixin
from mixvi.model.model_file import FORMAT
from mixvi.model.plain import to_plain

CLASSES = [CplMixVI, MoESimVI, JointVI, CascadeVI, InfoGANVI, VaDEVI]
QUIET = {"max_epochs": 1, "enable_progress_bar": False}


def small_cells():
    adata = simulate_types_and_states([30, 20], n_genes=40, n_batches=2)
    adata.obs["covariate"] = np.linspace(0, 1, 50)
    return adata


def trained_model(cls):
    """A model that has been trained for an epoch; "modalities" for one of several."""
    if cls == "modalities":
        mdata = simulate_modalities([20, 20], n_genes=30, n_features=8)
        CplMixVI.setup_mudata(mdata)
        model = CplMixVI(mdata, n_categories=2)
    else:
        adata = small_cells()
        cls.setup_anndata(adata, batch_key="batch", continuous_covariate_keys=["covariate"])
        model = cls(adata, n_categories=2)
    model.train(**QUIET)
    return model


def halves(x, n_arms):
    """An augmenter of the user's own."""
    return (x / 2).expand(n_arms, *x.shape)


class Evil:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.fixture(scope="module")
def model():
    return trained_model(CplMixVI)


@pytest.fixture(scope="module")
def kept(model, tmp_path_factory):
    """The folder of a saved model, to be copied."""
    folder = tmp_path_factory.mktemp("kept") / "model"
    model.save(folder)
    return folder


@pytest.fixture
def saved(kept, tmp_path):
    """A saved model, to be damaged."""
    return shutil.copytree(kept, tmp_path / "model")


def learned(model):
    """All that a file holds of a model, as plain values."""
    attributes = {name: value for name, value in model._get_user_attributes() if name.endswith("_")}
    return to_plain(attributes) | {"state": dict(model.module.state_dict())}


def assert_same(first, second, name=""):
    assert type(first) is type(second), name
    if isinstance(first, dict):
        assert first.keys() == second.keys(), name
        for key in first:
            assert_same(first[key], second[key], f"{name}.{key}")
    elif isinstance(first, list | tuple):
        assert len(first) == len(second), name
        for a, b in zip(first, second, strict=True):
            assert_same(a, b, name)
    elif isinstance(first, torch.Tensor):
        assert first.dtype == second.dtype, name
        assert torch.equal(first.nan_to_num(7), second.nan_to_num(7)), name
    else:
        assert first == second or first != first, name


@pytest.mark.parametrize("cls", [*CLASSES, "modalities"], ids=lambda cls: getattr(cls, "__name__", cls))
def test_every_model_comes_back_to_the_bit_with_its_cells(cls, tmp_path):
    model = trained_model(cls)
    model.save(tmp_path / "model", save_anndata=True, prefix="a_")
    loader = CplMixVI if cls == "modalities" else cls
    loaded = loader.load(tmp_path / "model", prefix="a_")
    assert type(loaded) is type(model)
    assert_same(learned(model), learned(loaded))
    assert loaded.get_cell_types().to_list() == model.get_cell_types().to_list()
    bare = loader.load(tmp_path / "model", adata=False, prefix="a_")
    assert_same(learned(model), learned(bare))
    with pytest.warns(UserWarning, match="loaded without any"):
        (tmp_path / "model" / f"a_{'mdata.h5mu' if cls == 'modalities' else 'adata.h5ad'}").unlink()
        assert loader.load(tmp_path / "model", prefix="a_").adata is None


def test_an_untrained_model_comes_back(tmp_path):
    adata = small_cells()
    CplMixVI.setup_anndata(adata)
    CplMixVI(adata).save(tmp_path / "model")
    assert not CplMixVI.load(tmp_path / "model", small_cells()).is_trained_


def test_the_layout_is_that_of_scvi_tools(saved, model, capsys):
    attributes, names, state, _ = _load_saved_files(str(saved), load_adata=False)
    assert attributes["registry_"]["model_name"] == "CplMixVI"
    assert attributes["registry_"]["scvi_version"] == model.registry["scvi_version"]
    assert_same(dict(state), dict(model.module.state_dict()))
    assert names == to_plain(model.genes_)
    assert CplMixVI.load_registry(saved)["setup_args"] == model.registry["setup_args"]
    CplMixVI.view_setup_args(saved)
    assert "batch_key" in capsys.readouterr().out


def test_checkpoints_of_scvi_tools(tmp_path):
    adata = small_cells()
    CplMixVI.setup_anndata(adata)
    model = CplMixVI(adata, n_categories=2)
    checkpoint = SaveCheckpoint(
        dirpath=str(tmp_path), filename="{epoch}", monitor="elbo_validation", save_top_k=-1, load_best_on_end=True
    )
    model.train(3, train_size=0.8, callbacks=[checkpoint], check_val_every_n_epoch=1, enable_progress_bar=False)
    folders = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert folders == ["epoch=0", "epoch=1", "epoch=2"]
    best = CplMixVI.load(checkpoint.best_model_path, adata)
    assert_same(dict(best.module.state_dict()), dict(model.module.state_dict()))
    assert len(best.get_cell_types()) == 50


# -- what is no file of a model --------------------------------------------------------------------------------------


def inside(saved: Path, evil: Evil) -> None:
    """A true file, in which one attribute is an object."""
    parts = torch.load(saved / "model.pt", weights_only=True)
    parts["attr_dict"]["seed_"] = evil
    torch.save(parts, saved / "model.pt")


HIDING = {
    "attribute": inside,
    "zip": lambda saved, evil: torch.save(evil, saved / "model.pt"),
    "old zip": lambda saved, evil: torch.save({"a": evil}, saved / "model.pt", _use_new_zipfile_serialization=False),
    "pickle": lambda saved, evil: (saved / "model.pt").write_bytes(pickle.dumps(evil)),
}
READERS = {
    "load": lambda saved: CplMixVI.load(saved, small_cells()),
    "load_registry": CplMixVI.load_registry,
    "view_setup_args": CplMixVI.view_setup_args,
    "load_query_data": lambda saved: CplMixVI.load_query_data(small_cells(), saved),
}


@pytest.mark.parametrize("hide", HIDING.values(), ids=HIDING)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_code_in_a_file_is_not_run(hide, read, saved, tmp_path):
    hide(saved, Evil(tmp_path / "mark"))
    with pytest.raises(ValueError, match=r"reading that could run code|is damaged"):
        read(saved)
    assert not (tmp_path / "mark").exists()


def test_the_evil_file_is_evil(saved, tmp_path):
    inside(saved, Evil(tmp_path / "mark"))
    torch.load(saved / "model.pt", weights_only=False)
    assert (tmp_path / "mark").exists()


def test_files_that_scvi_tools_wrote_are_refused(model, tmp_path):
    BaseModelClass.save(model, tmp_path / "pickled")
    with pytest.raises(ValueError, match=r"mixvi reads what its own save\(\) wrote"):
        CplMixVI.load(tmp_path / "pickled", adata=False)
    with pytest.raises(NotImplementedError, match="hold no model of mixvi"):
        CplMixVI.convert_legacy_save(tmp_path / "pickled", tmp_path / "new")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_is_cut_off(share, saved):
    content = (saved / "model.pt").read_bytes()
    (saved / "model.pt").write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="is damaged or incomplete"):
        CplMixVI.load(saved, adata=False)


@pytest.mark.parametrize("part", np.linspace(0.02, 0.98, 13))
def test_bytes_that_changed_are_noticed(part, saved):
    content = bytearray((saved / "model.pt").read_bytes())
    first = int(part * len(content))
    for i in range(first, first + 64):  # more than the padding between tensors
        content[i] ^= 0x55
    (saved / "model.pt").write_bytes(content)
    with pytest.raises(ValueError, match="is damaged|could run code"):
        CplMixVI.load(saved, adata=False)


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_no_file(folder, tmp_path):
    with pytest.raises(ValueError, match="There is no model file .*model.pt"):
        CplMixVI.load(tmp_path / folder)


def change(**changed):
    def apply(parts):
        parts["attr_dict"] |= changed

    return apply


def drop(name):
    return lambda parts: parts["attr_dict"].pop(name)


def registry(name, value):
    return lambda parts: parts["attr_dict"]["registry_"].update({name: value})


def other_size(parts):
    parts["attr_dict"]["init_params_"]["non_kwargs"]["n_state"] = 5


CHANGED = {
    "newer format": (
        lambda parts: parts["mixvi"].update(format=FORMAT + 1, version="9.9"),
        "by mixvi 9.9, in format 2",
    ),
    "another package": (lambda parts: parts.pop("mixvi"), "no model file of mixvi"),
    "no parameters": (lambda parts: parts.pop("model_state_dict"), "is damaged"),
    "no registry": (drop("registry_"), "does not describe a model"),
    "no arguments": (drop("init_params_"), "does not describe a model"),
    "another method as set-up": (registry("setup_method_name", "load"), "does not describe a model"),
    "another class": (registry("model_name", "SCVI"), "is a SCVI, not a CplMixVI: load it with that class"),
    "hidden attribute": (change(_adata=3), "does not describe a model"),
    "a method as attribute": (change(train=3), "does not describe a model"),
    "unknown stand-in": (change(seed_={"__mixvi__": "module"}), "does not describe a model"),
    "odd array": (change(seed_={"__mixvi__": "array", "dtype": "f4", "shape": (9,), "values": [1]}), "not describe"),
    "other networks": (other_size, "its parameters are not those of the model"),
}


@pytest.mark.parametrize(("apply", "message"), CHANGED.values(), ids=CHANGED)
def test_files_that_do_not_hold_together(apply, message, saved):
    parts = torch.load(saved / "model.pt", weights_only=True)
    apply(parts)
    torch.save(parts, saved / "model.pt")
    with pytest.raises(ValueError, match=message):
        CplMixVI.load(saved, adata=False)


def test_of_another_class(saved):
    with pytest.raises(ValueError, match="is a CplMixVI, not a JointVI: load it"):
        JointVI.load(saved, adata=False)


# -- augmenters of one's own -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [CplMixVI, JointVI])
def test_an_own_augmenter_is_passed_again(cls, tmp_path):
    adata = small_cells()
    cls.setup_anndata(adata)
    model = cls(adata, n_categories=2, augmenter=halves)
    model.train(**QUIET)
    types = model.get_cell_types().to_list()
    model.save(tmp_path / "model")
    with pytest.raises(ValueError, match=r"test_saving.halves, and model files hold no code. Pass it to load"):
        cls.load(tmp_path / "model", small_cells())
    loaded = cls.load(tmp_path / "model", small_cells(), augmenter=halves)
    assert loaded.get_cell_types().to_list() == types
    again = [model, loaded]
    for each in again:
        each.train(**QUIET)
    assert_same(*(dict(each.module.state_dict()) for each in again))
    only_types = cls.load(tmp_path / "model", small_cells(), augmenter="none")
    assert only_types.get_cell_types().to_list() == types


def test_an_own_augmenter_of_a_modality(tmp_path):
    mdata = simulate_modalities([20, 20], n_genes=30, n_features=8)
    CplMixVI.setup_mudata(mdata)
    CplMixVI(mdata, n_categories=2, n_arms=2, augmenter={"ephys": halves}).save(tmp_path / "model")
    with pytest.raises(ValueError, match="model files hold no code"):
        CplMixVI.load(tmp_path / "model", adata=False)
    loaded = CplMixVI.load(tmp_path / "model", adata=False, augmenter={"ephys": halves})
    assert loaded.init_params_["non_kwargs"]["augmenter"] == {"rna": "thinning", "ephys": halves}


def test_no_other_augmenter_by_loading(saved):
    with pytest.raises(ValueError, match="augmenter is for models whose augmenter is code of your own"):
        CplMixVI.load(saved, adata=False, augmenter="neighbours")


def test_every_model_saves_and_loads_safely():
    for cls in CLASSES:
        assert cls.load.__func__ is SavingMixin.load.__func__
        assert cls.save is SavingMixin.save
