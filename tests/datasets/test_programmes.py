import numpy as np

from mixvi.datasets.programmes import gene_kinds, marker_effects, state_slopes


def test_a_tenth_of_the_genes_keep_house_and_a_fifth_are_active():
    kinds = gene_kinds(50, np.random.default_rng(0)).tolist()
    assert [kinds.count(kind) for kind in ("housekeeping", "activity", "other")] == [5, 10, 35]


def test_relatives_share_markers_and_every_type_has_its_own():
    linkage = np.array([[0, 2, 0.2, 2], [1, 3, 1, 3]])
    allowed = np.arange(1000) < 900
    effects = marker_effects(linkage, allowed, 50, 2.0, np.random.default_rng(0))
    raised = effects > 0
    assert not raised[~allowed].any()
    assert (raised.sum(0) >= 45).all()
    assert (raised[:, 0] & raised[:, 2]).sum() >= 40
    assert (raised[:, 0] & raised[:, 1]).sum() < 10
    assert 1 <= effects[raised].min() < 1.5 < 2.5 < effects[raised].max()
    tiny = marker_effects(linkage, allowed, 1, 2.0, np.random.default_rng(0))
    assert (tiny[:, 0] != tiny[:, 2]).any()


def test_slopes_belong_to_one_state_and_to_some_types():
    activity = np.arange(100) < 60
    slopes = state_slopes(activity, 40, 3, 0.25, 0.7, np.random.default_rng(0))
    assert slopes.shape == (100, 40, 3)
    assert not slopes[~activity].any()
    assert (slopes[activity].any(1).sum(1) == 1).all()
    assert set(np.abs(slopes).ravel()) == {0, 0.7}
    assert abs((slopes[activity] != 0).any(2).mean() - 0.25) < 0.03
