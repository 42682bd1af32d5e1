import numpy as np
import pandas as pd
import pooch
import pytest
from anndata import AnnData

from mixvi.datasets import DATASETS, available, load, loading, origins
from mixvi.datasets.registry import DataSet


@pytest.fixture
def registered(monkeypatch, tmp_path):
    """Registers a small data set whose file lies in a folder; gives both."""

    def register(folder: str = "data", **kwargs):
        (tmp_path / folder).mkdir()
        kinds = pd.Categorical(["x", "(none)", "y"])
        adata = AnnData(np.eye(3, dtype=np.int32), obs=pd.DataFrame({"kind": kinds}, index=list("abc")))
        path = tmp_path / folder / "small.h5ad"
        adata.write_h5ad(path)
        data = DataSet("small", "nowhere", "kind", file="small.h5ad", sha256=pooch.file_hash(str(path)), **kwargs)
        monkeypatch.setitem(loading.DATASETS, "small", data)
        return path

    monkeypatch.setenv("MIXVI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(origins, "CACHE", tmp_path / "cache")
    return register


@pytest.mark.parametrize("folder", ["data", "cache"])
def test_files_are_found_and_cells_without_label_are_missing(folder, registered):
    registered(folder)
    adata = load("small")
    assert adata.obs["kind"].isna().tolist() == [False, True, False]
    assert adata.obs["kind"].cat.categories.tolist() == ["x", "y"]
    assert adata.X.dtype == np.float32
    assert "small" in available()


def test_a_damaged_file_is_refused(registered):
    path = registered()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="not the file it should be"):
        load("small")


def test_what_is_missing_is_said(registered):
    registered().unlink()
    with pytest.raises(FileNotFoundError, match="small.h5ad.*made of nowhere.*MIXVI_DATA_DIR"):
        load("small")


def test_without_a_file_the_origin_is_asked(registered):
    registered(origin=lambda: AnnData(np.ones((2, 2), np.float32))).unlink()
    assert load("small").shape == (2, 2)


def test_a_failed_download_says_what_to_do(registered):
    def fail():
        raise ConnectionError("no network")

    registered(origin=fail).unlink()
    with pytest.raises(FileNotFoundError, match="no network.*small.h5ad"):
        load("small")


def test_an_unknown_name_is_answered_with_the_known():
    with pytest.raises(ValueError, match="no data set 'zeisel'.*zeisel2015, "):
        load("zeisel")


SHAPES = {
    "zeisel2015": (3005, 4412),
    "zeisel2015_mini": (1272, 300),
    "paul2015": (2730, 3451),
    "pbmc3k": (2638, 16579),
    "kang2018": (13999, 14044),
    "bodenmiller2012": (51936, 24),
    "levine_32dim": (265627, 32),
    "levine_13dim": (167044, 13),
    "samusik_01": (86864, 39),
    "samusik_all": (841644, 39),
    "mnist": (70000, 784),
}


@pytest.mark.parametrize("name", SHAPES)
def test_real_data_are_what_the_registry_says(name, data_dir):
    data = DATASETS[name]
    if not (data_dir / data.file).is_file():
        pytest.skip(f"{data.file} is not in MIXVI_DATA_DIR")
    adata = load(name)
    assert adata.shape == SHAPES[name]
    assert adata.obs[data.labels_key].nunique() > 5
    assert data.batch_key is None or data.batch_key in adata.obs
