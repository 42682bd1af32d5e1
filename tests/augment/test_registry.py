import pytest

from mixvi.augment import Augmenter, get_augmenter


@pytest.mark.parametrize("name", ["thinning", "gene_split", "vaegan", "none"])
def test_names(name):
    assert isinstance(get_augmenter(name, 5), Augmenter)


def test_a_callable_is_taken_as_it_is():
    def double(x, n_arms):
        return 2 * x.expand(n_arms, -1, -1)

    assert get_augmenter(double, 5) is double


def test_unknown():
    with pytest.raises(ValueError, match="Choose one of thinning, gene_split, vaegan, none"):
        get_augmenter("vae", 5)
    with pytest.raises(TypeError, match="callable"):
        get_augmenter(3, 5)
