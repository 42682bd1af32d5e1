import dataclasses

import numpy as np
import pytest

from mixvi.datasets import DATASETS, load, loading
from mixvi.datasets.weber import GatedSet, gated_reader

SMALL = GatedSet("names.txt", slice(1, 3), 4, 3, 2, ("individual", "donor"))
CHANNELS = ["Time", "CD45RA", "CD133", "label", "individual"]
VALUES = np.array([[9, 1.5, 2, 2, 1], [9, 3, 4, np.nan, 1], [9, 5, 6, 1, 2], [9, 7, 8, 2, 2]], np.float32)


@pytest.fixture
def path(write_fcs):
    """A file laid out like the published ones: markers among other columns, then gates and donors."""
    return write_fcs("small_notransform.fcs", VALUES, CHANNELS, [""] * 5)


def test_markers_gates_and_donors(path):
    adata = gated_reader(SMALL)(path)
    np.testing.assert_array_equal(adata.X, VALUES[:, 1:3])
    assert adata.var_names.tolist() == ["CD45RA", "CD133"]
    assert adata.var["marker_class"].tolist() == ["type", "type"]
    assert adata.obs["population"].isna().tolist() == [False, True, False, False]
    assert adata.obs["population"].dropna().tolist() == ["2", "1", "2"]
    assert adata.obs["donor"].tolist() == ["1", "1", "2", "2"]


@pytest.mark.parametrize("separator", ["\t", " "])
def test_names_of_gates_are_taken_from_beside_the_file(path, separator):
    rows = ("label population", f"1{separator}pDCs", f"2{separator}B-cell Frac A-C (pro-B cells)", "")
    path.with_name("names.txt").write_text("\n".join(rows))
    adata = gated_reader(SMALL)(path)
    assert adata.obs["population"].dropna().tolist() == [
        "B-cell Frac A-C (pro-B cells)",
        "pDCs",
        "B-cell Frac A-C (pro-B cells)",
    ]


@pytest.mark.parametrize("wrong", [{"n_cells": 5}, {"n_gated": 4}, {"n_populations": 3}])
def test_a_file_with_other_numbers_is_refused(path, wrong):
    with pytest.raises(ValueError, match="4 cells × 2 markers, 3 cells with one of 2 gates; published are"):
        gated_reader(dataclasses.replace(SMALL, **wrong))(path)


def test_a_file_without_gates_is_refused(write_fcs):
    path = write_fcs("a.fcs", VALUES[:, :3], CHANNELS[:3], [""] * 3)
    with pytest.raises(ValueError, match="no column individual, label"):
        gated_reader(SMALL)(path)


def test_they_are_loaded_by_name_from_the_folder(path, monkeypatch):
    monkeypatch.setenv("MIXVI_DATA_DIR", str(path.parent))
    about = dataclasses.replace(DATASETS["levine_32dim"], file=path.name, read=gated_reader(SMALL))
    monkeypatch.setitem(loading.DATASETS, "levine_32dim", about)
    assert load("levine_32dim").shape == (4, 2)


@pytest.mark.parametrize("name", ["levine_32dim", "levine_13dim", "samusik_01", "samusik_all"])
def test_without_the_file_it_is_said_where_to_get_it(name, monkeypatch, tmp_path):
    monkeypatch.setenv("MIXVI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(loading.origins, "CACHE", tmp_path / "cache")
    with pytest.raises(FileNotFoundError, match="_notransform.fcs, made of .*FR-FCM-ZZPH"):
        load(name)
