import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixvi.metrics import flowcap_f, weber_robinson_f1

# populations a (4 cells), b (3), c (1), two cells without gate; types 0, 1, 2
LABELS = pd.Series(["a"] * 4 + ["b"] * 3 + ["c"] + [None, np.nan])
TYPES = pd.Series([0, 0, 0, 1, 1, 1, 2, 1, 0, 2])
# among gated cells: type 0 has 3 a; type 1 has 1 a, 2 b, 1 c; type 2 has 1 b
# F1 = 2 shared / (population + type)
#        0     1     2
#   a   6/7   2/8    0
#   b    0    4/7   2/4
#   c    0    2/5    0


def test_both_measures_by_hand():
    # one to one: a-0, b-2 and c-1 (0.857 + 0.5 + 0.4) beats a-0, b-1 and nothing for c (0.857 + 0.571)
    assert weber_robinson_f1(LABELS, TYPES) == pytest.approx((6 / 7 + 1 / 2 + 2 / 5) / 3)
    assert flowcap_f(LABELS, TYPES) == pytest.approx((4 * 6 / 7 + 3 * 4 / 7 + 1 * 2 / 5) / 8)


def test_the_sum_of_f1_is_matched_not_the_number_of_cells():
    # counts: p has 9 in type 0 and 1 in type 1; q has 8 in type 0: by cells p-0 (9) + q-1 (0); by F1 p-1 is worse
    labels = pd.Series(["p"] * 10 + ["q"] * 8)
    types = pd.Series([0] * 9 + [1] + [0] * 8)
    assert weber_robinson_f1(labels, types) == pytest.approx(max(18 / 27 + 0, 2 / 11 + 16 / 25) / 2)


def test_populations_without_a_type_count_nothing_here_and_something_there():
    labels, one = pd.Series(list("aaab")), pd.Series([0, 0, 0, 0])
    assert weber_robinson_f1(labels, one) == pytest.approx((6 / 7 + 0) / 2)
    assert flowcap_f(labels, one) == pytest.approx((3 * 6 / 7 + 1 * 2 / 5) / 4)


def test_ungated_cells_do_not_count():
    gated = LABELS.notna()
    for score in (weber_robinson_f1, flowcap_f):
        assert score(LABELS[gated], TYPES[gated]) == score(LABELS, TYPES)
        with pytest.raises(ValueError, match="No cell has a label"):
            score(pd.Series([None, np.nan]), pd.Series([0, 1]))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40), st.permutations(range(5)))
def test_bounds_and_names(pairs, names):
    labels, types = (pd.Series(values) for values in zip(*pairs, strict=True))
    for score in (weber_robinson_f1, flowcap_f):
        assert 0 <= score(labels, types) <= 1 + 1e-12
        assert score(labels, types) == pytest.approx(score(labels, types.map(dict(enumerate(names)))))
        assert score(labels, labels) == pytest.approx(1)
    best = [
        max(2 * ((labels == k) & (types == t)).sum() / ((labels == k).sum() + (types == t).sum()) for t in range(5))
        for k in labels.unique()
    ]
    assert weber_robinson_f1(labels, types) <= np.mean(best) + 1e-12  # where a type may be used twice
