"""Files laid out like the authors': no download."""

import gzip

import numpy as np
import pytest

from mixvi.datasets import patchseq
from mixvi.datasets.patchseq import read_patchseq

COUNTS = ",a,b,c,d\nFos,1,0,2,0\nGad1,0,5,1,0\nGad1,1,1,1,0\n"
METADATA = "Cell\tRNA family\tRNA type\nb\tSst\tSst Hpse\na\tlow quality\tlow quality\nc\tIT\tL5 IT_1\n"
EPHYS = "cell id,width,rare,lag\nc,0.5,,2\nb,0.25,,1\na,0.5,3,\nz,1,,1\n" + "".join(f"x{i},1,,1\n" for i in range(9))


@pytest.fixture
def files(tmp_path):
    """The three files: cell d has no counts, z and x0, … no transcripts, a no lag; the rare feature is hardly known."""
    paths = [tmp_path / name for name in patchseq.FILES]
    paths[0].write_bytes(gzip.compress(COUNTS.encode()))
    paths[1].write_text(METADATA)
    paths[2].write_text(EPHYS)
    return paths


def test_tables_become_modalities(files):
    mdata = read_patchseq(*files)
    assert mdata["rna"].obs_names.tolist() == ["a", "b", "c"]
    assert mdata["rna"].var_names.tolist() == ["Fos", "Gad1", "Gad1-1"]
    np.testing.assert_array_equal(mdata["rna"].X.toarray(), [[1, 0, 1], [0, 5, 1], [2, 1, 1]])
    assert mdata["ephys"].var_names.tolist() == ["width", "lag"]
    assert dict(zip(mdata["ephys"].obs_names, mdata["ephys"].X.tolist(), strict=True)) == {
        "c": [0.5, 2],
        "b": [0.25, 1],
    }
    assert mdata.obs["family"].astype(object).where(mdata.obs["family"].notna(), None).to_dict() == {
        "a": None,
        "b": "Sst",
        "c": "IT",
    }


def test_a_file_that_is_another_one_is_refused(files, monkeypatch):
    monkeypatch.setenv("MIXVI_DATA_DIR", str(files[0].parent))
    with pytest.raises(ValueError, match="is not the file it should be"):
        patchseq.patchseq_scala2020()
