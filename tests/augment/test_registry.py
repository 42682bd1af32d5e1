import pytest

from mixvi.augment import Augmenter, augmenter_names, get_augmenter
from mixvi.nn import ExpressionProjection


@pytest.mark.parametrize(
    "name",
    ["thinning", "gene_split", "neighbours", "vaegan", "affine", "none", "thinning+neighbours", "neighbours+affine"],
)
def test_names(name):
    assert isinstance(
        get_augmenter(name, 6, projection=ExpressionProjection(6, 3, counts=True), image_shape=(2, 3)), Augmenter
    )


def test_a_callable_is_taken_as_it_is():
    def double(x, n_arms):
        return 2 * x.expand(n_arms, -1, -1)

    assert get_augmenter(double, 5) is double


def test_unknown():
    with pytest.raises(ValueError, match="Choose one of thinning, gene_split, neighbours, vaegan, affine, none"):
        get_augmenter("vae", 5)
    with pytest.raises(TypeError, match="callable"):
        get_augmenter(3, 5)


@pytest.mark.parametrize(("name", "needs"), [("neighbours", "a projection"), ("affine", "the image shape")])
def test_what_an_augmenter_needs(name, needs):
    with pytest.raises(ValueError, match=f"needs {needs}"):
        get_augmenter(name, 6)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("neighbours+thinning", "'thinning' deals a cell among the arms and has to come first"),
        ("thinning+gene_split", "'gene_split' deals"),
        ("affine+affine", "twice"),
        ("thinning+", "'' is unknown"),
    ],
)
def test_combinations_that_make_no_sense(names, message):
    with pytest.raises(ValueError, match=message):
        augmenter_names(names)
