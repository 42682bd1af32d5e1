import numpy as np
import pandas as pd
import scanpy as sc
from anndata import AnnData

from mixvi.datasets import load, origins


def test_mnist_keeps_order_scale_and_split(tmp_path):
    images = np.arange(5 * 4, dtype=np.uint8).reshape(5, 2, 2) * 13
    np.savez(tmp_path / "a.npz", x_train=images[:3], y_train=[7, 1, 7], x_test=images[3:], y_test=[2, 1])
    adata = origins.read_mnist(tmp_path / "a.npz")
    assert adata.X.dtype == np.float32
    np.testing.assert_allclose(adata.X.reshape(5, 2, 2), images / 255, rtol=1e-6)
    assert adata.obs["label"].tolist() == ["7", "1", "7", "2", "1"]
    assert adata.obs["split"].tolist() == ["train"] * 3 + ["test"] * 2
    assert tuple(adata.uns["mixvi"]["image_shape"]) == (2, 2)
    adata.write_h5ad(tmp_path / "a.h5ad")


def test_the_text_of_the_cortex_is_read(tmp_path):
    names = ["tissue", "group #", "total mRNA mol", "well", "sex", "age", "diameter", "cell_id"]
    rows = [["", name, f"{name}1", f"{name}2"] for name in names]
    rows += [["", "level1class", "microglia", "interneurons"], ["(none)", "level2class", "Mgl1", "(none)"]]
    rows += [["", "", "", ""], ["Fos", "1", "0", "12"], ["Nan", "2", "3", "4"], ["Fos", "2", "5", "0"]]
    (tmp_path / "a.txt").write_text("\n".join("\t".join(row) for row in rows))
    adata = origins.read_zeisel(tmp_path / "a.txt")
    assert adata.X.toarray().tolist() == [[0, 3, 5], [12, 4, 0]]
    assert adata.obs_names.tolist() == ["cell_id1", "cell_id2"]
    assert adata.var_names.tolist() == ["Fos", "Nan", "Fos-1"]
    assert adata.obs["cell_type"].tolist() == ["Mgl1", "(none)"]
    assert adata.obs["class"].tolist() == ["microglia", "interneurons"]


def test_scanpys_data_are_brought_into_form_and_its_folder_put_back(monkeypatch, tmp_path):
    monkeypatch.setattr(origins, "CACHE", tmp_path / "cache")
    raw = AnnData(np.array([[1.0, 0, 2], [0, 0, 3], [4, 5, 0]], np.float32), obs=pd.DataFrame(index=list("abc")))
    raw.obs["paul15_clusters"] = pd.Categorical(["12Baso", "2Ery", "13Baso"])
    processed = AnnData(np.zeros((2, 1)), obs=pd.DataFrame({"louvain": ["B", "NK"]}, index=["b", "a"]))
    for name, cells in (("paul15", raw), ("pbmc3k", raw), ("pbmc3k_processed", processed)):
        monkeypatch.setattr(sc.datasets, name, lambda cells=cells: cells.copy())
    before = sc.settings.datasetdir.absolute()
    paul, pbmc = origins.download_paul(), origins.download_pbmc3k()
    assert paul.obs["cell_type"].tolist() == ["12Baso", "2Ery", "13Baso"]
    assert paul.obs["class"].tolist() == ["Baso", "Ery", "Baso"]
    assert pbmc.X.tolist() == [[0, 3], [1, 2]]
    assert pbmc.obs["cell_type"].tolist() == ["B", "NK"]
    assert sc.settings.datasetdir.absolute() == before


def test_data_of_dependencies():
    digits, blood = load("digits"), load("pbmc68k_reduced")
    assert digits.X.max() == 1
    assert digits.obs["label"].nunique() == 10
    assert blood.shape == (700, 765)
    assert blood.obs["bulk_labels"].nunique() == 10
