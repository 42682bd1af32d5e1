import anndata
import numpy as np
import scanpy as sc


def test_neighbours_of_many_cells():
    """What scanpy does above 8,192 cells, on few: pynndescent 0.7 broke it."""
    adata = anndata.AnnData(np.random.default_rng(0).normal(size=(200, 5)).astype("float32"))
    sc.pp.neighbors(adata, use_rep="X", transformer="pynndescent")
    assert adata.obsp["distances"].shape == (200, 200)
    assert np.all(np.diff(adata.obsp["distances"].indptr) > 0)
