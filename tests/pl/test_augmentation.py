import numpy as np
import pytest
import scanpy as sc
from matplotlib import pyplot as plt

from mixvi.pl import augmentation


@pytest.fixture(autouse=True)
def quick_map(monkeypatch):
    """Principal components stand in for the UMAP, which is slow to compile."""

    def umap(adata, **kwargs):
        adata.obsm["X_umap"] = adata.obsm["X_pca"][:, :2]

    monkeypatch.setattr(sc.tl, "umap", umap)
    monkeypatch.setattr(sc.pp, "neighbors", lambda adata, **kwargs: None)


def test_original_beside_augmented(small):
    small.layers["cpl_augmented"] = small.X.toarray()
    before = small.copy()
    axes = augmentation(small, {"first": small.var_names[:3], "second": small.var_names[3:5]}, color="type")
    assert [ax.get_title() for ax in axes] == ["original", "augmented", "first", "second"]
    assert axes[0].get_xlim() == axes[1].get_xlim()
    assert [label.get_text() for label in axes[2].get_xticklabels()] == list(small.var_names[:3])
    original, augmented = (axes[2].collections[i].get_paths()[0].vertices[:, 1].max() for i in (0, 4))
    np.testing.assert_allclose(original, augmented)  # the copies are the cells here
    assert set(small.layers) == set(before.layers) and set(small.uns) == set(before.uns) and "X_pca" not in small.obsm
    plt.close("all")


def test_genes_that_the_model_does_not_know_are_left_out(small):
    small.layers["cpl_augmented"] = small.X.toarray()
    small.layers["cpl_augmented"][:, 0] = np.nan
    assert len(augmentation(small)) == 2
    plt.close("all")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"augmented": "no"}, "Call model.augment"),
        ({"layer": "no"}, "'no' is not in adata.layers"),
        ({"color": "no"}, "not a column"),
        ({"gene_sets": {"set": ["no"]}}, "genes of gene_sets are not in"),
    ],
)
def test_what_is_missing_is_named(arguments, message, small):
    small.layers["cpl_augmented"] = small.X.toarray()
    with pytest.raises(KeyError, match=message):
        augmentation(small, **arguments)
