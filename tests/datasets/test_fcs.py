import struct
import sys

import numpy as np
import pytest

from mixvi.datasets import read_fcs

VALUES = np.array([[1.0, -2.5, 0.0], [3.25, 1e6, 7.0]], np.float32)


@pytest.mark.parametrize("endian", ["<", ">"])
def test_values_and_names_of_a_file_written_by_hand(write_fcs, endian):
    path = write_fcs("a.fcs", VALUES, ["Time", "Nd142Di", "Er168Di"], ["", "CD19", "CD3"], endian)
    adata = read_fcs(path)
    np.testing.assert_array_equal(adata.X, VALUES)
    assert adata.X.dtype == np.float32
    assert adata.var_names.tolist() == ["Time", "CD19", "CD3"]
    assert adata.var["channel"].tolist() == ["Time", "Nd142Di", "Er168Di"]
    assert adata.var["marker"].tolist() == ["Time", "CD19", "CD3"]


def test_missing_values_stay_missing_and_equal_markers_get_names_of_their_own(write_fcs, tmp_path):
    values = VALUES.copy()
    values[0, 0] = np.nan
    adata = read_fcs(str(write_fcs("a.fcs", values, ["a", "b", "c"], ["CD3", "CD3", "CD4"])))
    assert np.isnan(adata.X[0, 0])
    assert np.isnan(adata.X).sum() == 1
    assert adata.var_names.tolist() == ["CD3", "CD3-1", "CD4"]
    adata.write_h5ad(tmp_path / "a.h5ad")


def test_gains_are_made_linear(write_fcs):
    adata = read_fcs(write_fcs("a.fcs", VALUES, ["a", "b", "c"], ["", "", ""], more={"$P2G": "2"}))
    np.testing.assert_allclose(adata.X, VALUES / [1, 2, 1])


@pytest.mark.parametrize("content", [b"", b"not a cytometer", b"FCS3.1" + b" " * 52])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "a.fcs"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="a.fcs cannot be read as an .fcs file"):
        read_fcs(path)


def test_a_file_that_is_cut_off_is_refused(write_fcs):
    path = write_fcs("a.fcs", VALUES, ["a", "b", "c"], ["", "", ""])
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match="cannot be read"):
        read_fcs(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_fcs(tmp_path / "a.fcs")


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "flowio", None)
    with pytest.raises(ImportError, match=r"mixvi\[cytometry\]"):
        read_fcs(tmp_path / "a.fcs")


def test_the_file_of_these_tests_has_its_data_where_it_says(write_fcs):
    content = write_fcs("a.fcs", VALUES, ["a", "b", "c"], ["", "", ""]).read_bytes()
    begin, end = int(content[26:34]), int(content[34:42])
    assert struct.unpack("<6f", content[begin : end + 1]) == tuple(VALUES.ravel())
